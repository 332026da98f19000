import { readFile } from 'node:fs/promises';
import { availableParallelism, homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';

const ceremonyProfiles = ['dev', 'public'] as const;
const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;

const path = z
  .string()
  .min(1)
  .transform((text) => absolute(text));
const rpcUrl = z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' });
const count = z.coerce.number().int().min(1).max(1024);

/**
 * Every setting, declared once: its flag, environment variable, key in the configuration file, rule and text all come from here.
 *
 * A flag wins over the environment, the environment over the file, the file over the default.
 */
export const settingsTable = {
  home: {
    flag: '--home <dir>',
    environment: 'ASSAY_HOME',
    // The configuration file lies in this folder, so it cannot say where the folder is.
    inFile: false,
    schema: path,
    fallback: () => join(homedir(), '.assay'),
    fallbackText: '~/.assay',
    description: 'folder for keys, databases, caches and the configuration file',
  },
  cache: {
    flag: '--cache <dir>',
    environment: 'ASSAY_CACHE',
    inFile: true,
    schema: path,
    fallback: (home: string) => join(home, 'cache'),
    fallbackText: '<home>/cache',
    description: 'folder for ceremony files and compiled circuits; safe to delete, costly to make again',
  },
  rpc: {
    flag: '--rpc <url>',
    environment: 'ASSAY_RPC',
    inFile: true,
    schema: rpcUrl,
    fallback: () => 'http://127.0.0.1:8545',
    fallbackText: 'http://127.0.0.1:8545',
    description: 'JSON-RPC endpoint of the chain',
  },
  deployment: {
    flag: '--deployment <file>',
    environment: 'ASSAY_DEPLOYMENT',
    inFile: true,
    schema: path,
    fallback: (home: string) => join(home, 'deployment.json'),
    fallbackText: '<home>/deployment.json',
    description: 'manifest of the contracts, as `assay deploy` writes it',
  },
  key: {
    flag: '--key <name>',
    environment: 'ASSAY_KEY',
    inFile: true,
    schema: z.string().min(1),
    fallback: () => 'default',
    fallbackText: 'default',
    description: 'name of the key that signs and pays',
  },
  passwordFile: {
    flag: '--password-file <file>',
    environment: 'ASSAY_PASSWORD_FILE',
    inFile: true,
    schema: path,
    fallback: () => undefined,
    fallbackText: 'ask on the terminal',
    description: 'file (mode 0600) whose first line is the password of the key',
  },
  ceremony: {
    flag: '--ceremony <profile>',
    environment: 'ASSAY_CEREMONY',
    inFile: true,
    schema: z.enum(ceremonyProfiles),
    fallback: () => 'dev',
    fallbackText: 'dev',
    description: 'ceremony profile: dev (its secret is published, devnets only) or public (needs --srs)',
  },
  srs: {
    flag: '--srs <dir>',
    environment: 'ASSAY_SRS',
    inFile: true,
    schema: path,
    fallback: () => undefined,
    fallbackText: 'none',
    description: 'folder with the files of a public ceremony: bn254_g1.dat and bn254_g2.dat',
  },
  prover: {
    flag: '--prover <file>',
    environment: 'ASSAY_PROVER',
    inFile: true,
    schema: path,
    fallback: () => undefined,
    fallbackText: 'snarkjs, which comes with the package',
    description: 'rapidsnark-compatible Groth16 prover of your own; what it makes is verified all the same',
  },
  threads: {
    flag: '--threads <count>',
    environment: 'ASSAY_THREADS',
    inFile: true,
    schema: count,
    fallback: () => availableParallelism(),
    fallbackText: 'all processor cores',
    description: 'threads for proving',
  },
  logLevel: {
    flag: '--log-level <level>',
    environment: 'ASSAY_LOG_LEVEL',
    inFile: true,
    schema: z.enum(logLevels),
    fallback: () => 'warn',
    fallbackText: 'warn',
    description: `what to log to stderr: ${logLevels.join(', ')}`,
  },
} as const;

export type SettingName = keyof typeof settingsTable;

export type Settings = {
  readonly home: string;
  readonly cache: string;
  readonly rpc: string;
  readonly deployment: string;
  readonly key: string;
  readonly passwordFile: string | undefined;
  readonly ceremony: (typeof ceremonyProfiles)[number];
  readonly srs: string | undefined;
  readonly prover: string | undefined;
  readonly threads: number;
  readonly logLevel: (typeof logLevels)[number];
};

export type SettingSource = 'flag' | 'environment' | 'file' | 'default';

export type ResolvedSettings = {
  readonly settings: Settings;
  readonly sources: Readonly<Record<SettingName, SettingSource>>;
  /** The configuration file that was looked for. */
  readonly file: string;
};

export type ResolveSettingsParameters = {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * Reads all settings from flags, environment and `<home>/config.json`.
 *
 * @throws CLI_BAD_OPTION (exit 2) for a flag or variable that breaks its rule; CLI_BAD_CONFIG (exit 2) for a file that is not JSON, has an unknown
 * key or a bad value.
 */
export async function resolveSettings({ flags, environment }: ResolveSettingsParameters): Promise<ResolvedSettings> {
  const home = pick('home', flags, environment, {}, '');
  const file = join(home.value as string, 'config.json');
  const fromFile = await readConfigFile(file);
  const values: Record<string, unknown> = { home: home.value };
  const sources: Record<string, SettingSource> = { home: home.source };
  for (const name of settingNames) {
    if (name === 'home') continue;
    const { value, source } = pick(name, flags, environment, fromFile, home.value as string);
    values[name] = value;
    sources[name] = source;
  }
  const settings = values as Settings;
  if (settings.ceremony === 'public' && settings.srs === undefined) {
    throw new AssayError('CLI_BAD_OPTION', 'the public ceremony needs the folder of its files', {
      hint: 'Give --srs DIR (or ASSAY_SRS) with bn254_g1.dat and bn254_g2.dat.',
      exitCode: exitCodes.usage,
    });
  }
  return { settings, sources: sources as Record<SettingName, SettingSource>, file };
}

export const settingNames = Object.keys(settingsTable) as SettingName[];

function pick(
  name: SettingName,
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
  fromFile: Readonly<Record<string, unknown>>,
  home: string,
): { value: unknown; source: SettingSource } {
  const row = settingsTable[name];
  const flag = flags[name];
  if (flag !== undefined) return { value: check(name, flag, row.flag.split(' ')[0] as string), source: 'flag' };
  const variable = environment[row.environment];
  if (variable !== undefined && variable !== '') return { value: check(name, variable, row.environment), source: 'environment' };
  const entry = fromFile[name];
  if (entry !== undefined) return { value: entry, source: 'file' };
  return { value: row.fallback(home), source: 'default' };
}

function check(name: SettingName, raw: unknown, where: string): unknown {
  const result = settingsTable[name].schema.safeParse(raw);
  if (result.success) return result.data;
  throw new AssayError(
    'CLI_BAD_OPTION',
    `${where}: ${result.error.issues.map((issue) => issue.message).join('; ')} (got '${String(raw)}')`,
    {
      hint: settingsTable[name].description,
      exitCode: exitCodes.usage,
    },
  );
}

async function readConfigFile(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || (error as NodeJS.ErrnoException).code === 'ENOTDIR') return {};
    throw new AssayError('CLI_BAD_CONFIG', `cannot read ${file}`, { cause: error, details: (error as Error).message });
  }
  const refuse = (details: string, cause?: unknown): never => {
    throw new AssayError('CLI_BAD_CONFIG', `${file} is not a valid configuration`, {
      details,
      cause,
      hint: `Keys: ${settingNames.filter((name) => settingsTable[name].inFile).join(', ')}.`,
      exitCode: exitCodes.usage,
    });
  };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return refuse((error as Error).message, error);
  }
  const shape: Record<string, z.ZodType> = {};
  for (const name of settingNames) if (settingsTable[name].inFile) shape[name] = settingsTable[name].schema.optional();
  const result = z.strictObject(shape).safeParse(parsed);
  if (!result.success) return refuse(result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  return result.data as Record<string, unknown>;
}

function absolute(text: string): string {
  const expanded = text === '~' || text.startsWith('~/') ? join(homedir(), text.slice(1)) : text;
  return isAbsolute(expanded) ? expanded : resolve(expanded);
}
