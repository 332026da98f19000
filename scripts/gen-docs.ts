/**
 * Writes docs/reference/commands.md and docs/reference/settings.md from the command line's own tables: `npm run -s docs`. With `--check` it writes
 * nothing and fails where a file differs.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { commands, groups } from '../src/cli/commands.ts';
import type { AnyCommand } from '../src/cli/framework/command.ts';
import { settingNames, settingsTable } from '../src/cli/framework/settings.ts';

const generated = '<!-- Made by `npm run -s docs`; changes here are lost. -->';
const cell = (text: string): string => text.replaceAll('|', '\\|');

function inputs(title: string, rows: AnyCommand['options']): string[] {
  if (rows.length === 0) return [];
  return [
    '',
    `| ${title} | |`,
    '| --- | --- |',
    ...rows.map(([, { flags, description }]) => `| \`${cell(flags)}\` | ${cell(description)} |`),
  ];
}

function commandSection({ name, summary, description, arguments: positional, options, examples }: AnyCommand): string[] {
  return [
    '',
    `### assay ${name}`,
    '',
    description ?? `${summary[0]?.toUpperCase()}${summary.slice(1)}.`,
    ...inputs('argument', positional),
    ...inputs('option', options),
    '',
    '```',
    ...examples,
    '```',
  ];
}

function commandsPage(): string {
  const single = commands.filter(({ name }) => !name.includes(' '));
  const lines = [
    '# Commands',
    '',
    generated,
    '',
    'stdout carries the result, stderr progress and logs. With `--json` stdout is one JSON object, also for an error: `{ "error": { code, message, hint, details } }`.',
    'Numbers too large for JSON are decimal strings. Every command also takes the [settings](settings.md) as flags.',
    '',
    '| exit code | meaning |',
    '| --- | --- |',
    '| 0 | done |',
    '| 1 | failed |',
    '| 2 | wrong usage |',
    '| 3 | a proof is invalid, or fraud was found |',
    '| 4 | a key or password is needed |',
    '| 5 | the network or the RPC endpoint does not answer |',
    '| 6 | an artifact is not the one that was expected |',
    '| 130 | interrupted |',
  ];
  for (const command of single) lines.push(...commandSection(command));
  for (const group of groups) {
    lines.push('', `## ${group.name}`, '', `${group.summary[0]?.toUpperCase()}${group.summary.slice(1)}.`);
    for (const command of commands.filter(({ name }) => name.startsWith(`${group.name} `))) lines.push(...commandSection(command));
  }
  return `${lines.join('\n')}\n`;
}

function settingsPage(): string {
  const lines = [
    '# Settings',
    '',
    generated,
    '',
    'A flag wins over the environment, the environment over the file `<home>/config.json`, the file over the default. `assay config show` says what holds, and why.',
    '',
    '| setting | flag | environment | in the file | default | |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  for (const name of settingNames) {
    const { flag, environment, inFile, fallbackText, description } = settingsTable[name];
    lines.push(
      `| ${name} | \`${flag}\` | \`${environment}\` | ${inFile ? `\`${name}\`` : 'no'} | ${cell(fallbackText)} | ${cell(description)} |`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const pages = { 'docs/reference/commands.md': commandsPage(), 'docs/reference/settings.md': settingsPage() };
for (const [path, text] of Object.entries(pages)) {
  const file = resolve(import.meta.dirname, '..', path);
  if (!process.argv.includes('--check')) await writeFile(file, text);
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${path} is out of date: run npm run -s docs`);
    process.exitCode = 1;
  }
}
