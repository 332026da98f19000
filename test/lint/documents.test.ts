import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { settingNames, settingsTable } from '../../src/cli/framework/settings.ts';

const root = resolve(import.meta.dirname, '../..');
const documents = execFileSync('git', ['ls-files', '*.md'], { cwd: root }).toString().trim().split('\n');
const textOf = (document: string): string => readFileSync(join(root, document), 'utf8');
const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };

const long = (flags: string): string => /--[a-z0-9-]+/.exec(flags)?.[0] as string;
const common = ['--json', '--debug', '--help', '--version', ...settingNames.map((name) => long(settingsTable[name].flag))];
/** Options by command. */
const options = new Map(
  commands.map(({ name, options }) => {
    const own = options.map(([, { flags }]) => long(flags));
    return [name, new Set([...common, ...own, ...own.map((flag) => flag.replace('--no-', '--'))])];
  }),
);
const nouns = new Set(commands.map(({ name }) => name.split(' ')[0] as string));

/** What a document says of commands, options and scripts that is not so. */
function falseCommands(text: string): string[] {
  // Fenced, indented or inline.
  const code = [...text.matchAll(/```[^\n]*\n([\s\S]*?)```|^((?: {4}.*\n)+)|`([^`\n]+)`/gm)].map((found) => found.slice(1).join(''));
  const lines = code.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'));
  const wrong: string[] = [];
  for (const line of lines) {
    for (const [, script] of line.matchAll(/\bnpm run (?:-s )?([\w:-]+)/g))
      if (!(String(script) in scripts)) wrong.push(`npm run ${script}`);
    const [, said] = /^\s*(?:\$ )?(?:npx assay|assay|npm run -s assay --) ([a-z].*?)(?: # .*|[;&|].*)?$/.exec(line) ?? [];
    // `assay help` is of the parser, not of ours.
    if (said === undefined || said.startsWith('help ')) continue;
    const words = said.trim().split(/\s+/);
    const [noun, verb] = words as [string, string?];
    const name = options.has(`${noun} ${verb}`) ? `${noun} ${verb}` : noun;
    const known = options.get(name);
    // A group alone is named, too: `assay audit`.
    if (known === undefined && !(words.length === 1 && nouns.has(noun))) wrong.push(`assay ${noun} ${verb ?? ''}`.trim());
    for (const word of words) {
      const flag = /^\[?(--[a-z0-9-]+)/.exec(word)?.[1];
      if (known !== undefined && flag !== undefined && !known.has(flag)) wrong.push(`assay ${name} ${flag}`);
    }
  }
  return wrong;
}

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

/** Links of a document that lead nowhere in this repository. */
function deadLinks(document: string, text: string): string[] {
  const links = [...text.replaceAll(/```[\s\S]*?```/g, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to as string);
  return links.filter((to) => {
    if (/^[a-z]+:/.test(to)) return false;
    const [path, anchor] = to.split('#') as [string, string?];
    const target = path === '' ? document : join(dirname(document), path);
    if (!existsSync(join(root, target))) return true;
    return anchor !== undefined && ![...textOf(target).matchAll(/^#+ (.*)$/gm)].some(([, heading]) => slug(heading as string) === anchor);
  });
}

test('what documents say of commands, options and scripts is there; their links lead somewhere', () => {
  expect(documents.length).toBeGreaterThan(30);
  const wrong = documents.flatMap((document) => {
    const text = textOf(document);
    return [...falseCommands(text), ...deadLinks(document, text)].map((what) => `${document}: ${what}`);
  });
  expect(wrong).toEqual([]);
});

test('commands, options, scripts and links that are not there are found', () => {
  const block =
    '```sh\nassay audit prove --model ./m --frob 1 \\\n  --crank\nnpm run -s assay -- frobnicate\nassay audit frob > x\nnpm run -s frob\n```\n';
  expect(falseCommands(`${block}\n    assay verify --bang x\n\n\`assay verify --sum x\``)).toEqual([
    'assay audit prove --frob',
    'assay audit prove --crank',
    'assay frobnicate',
    'assay audit frob',
    'npm run frob',
    'assay verify --bang',
    'assay verify --sum',
  ]);
  expect(deadLinks('docs/README.md', '[a](quickstart.md#frob) [b](frob.md) [c](quickstart.md#the-demo) [d](https://frob)')).toEqual([
    'quickstart.md#frob',
    'frob.md',
  ]);
});
