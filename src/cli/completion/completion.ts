import { z } from 'zod';
import { type AnyCommand, defineCommand } from '../framework/command.ts';
import { settingNames, settingsTable } from '../framework/settings.ts';

const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

const longFlag = (flags: string): string => (flags.match(/--[a-z-]+/) ?? [''])[0];
const commonFlags = ['--help', '--json', '--debug', ...settingNames.map((name) => longFlag(settingsTable[name].flag))];

/** Words that may follow each word: the empty key is the start of the line. */
function wordsOf(commands: readonly AnyCommand[]): Map<string, Set<string>> {
  const words = new Map<string, Set<string>>([['', new Set()]]);
  for (const { name, options } of commands) {
    const [noun, verb] = name.split(' ') as [string, string | undefined];
    words.get('')?.add(noun);
    if (verb !== undefined) words.set(noun, (words.get(noun) ?? new Set()).add(verb));
    words.set(name, new Set([...(words.get(name) ?? []), ...options.map(([, { flags }]) => longFlag(flags)), ...commonFlags]));
  }
  return words;
}

function bashScript(commands: readonly AnyCommand[]): string {
  const cases = [...wordsOf(commands)].map(([key, words]) => `    '${key}') words='${[...words].join(' ')}' ;;`);
  return [
    '_assay() {',
    "  local current='' key='' words='' i",
    '  current="$' + '{COMP_WORDS[COMP_CWORD]}"',
    '  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do',
    '    [[ "$' + '{COMP_WORDS[i]}" == -* ]] && break',
    '    key="$' + '{key:+$key }$' + '{COMP_WORDS[i]}"',
    '  done',
    '  case "$key" in',
    ...cases,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    '}',
    'complete -o default -F _assay assay',
  ].join('\n');
}

function fishScript(commands: readonly AnyCommand[]): string {
  const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  const lines = ['complete -c assay -f'];
  const nouns = new Set<string>();
  for (const { name, summary, options } of commands) {
    const [noun, verb] = name.split(' ') as [string, string | undefined];
    if (!nouns.has(noun))
      lines.push(`complete -c assay -n __fish_use_subcommand -a ${noun}${verb === undefined ? ` -d ${quote(summary)}` : ''}`);
    nouns.add(noun);
    if (verb !== undefined) lines.push(`complete -c assay -n '__fish_seen_subcommand_from ${noun}' -a ${verb} -d ${quote(summary)}`);
    for (const [, { flags, description }] of options) {
      lines.push(
        `complete -c assay -n '__fish_seen_subcommand_from ${verb ?? noun}' -l ${longFlag(flags).slice(2)} -d ${quote(description)}`,
      );
    }
  }
  for (const flag of commonFlags) lines.push(`complete -c assay -l ${flag.slice(2)}`);
  return lines.join('\n');
}

/** Shell completion, made from the table of commands itself. */
export function createCompletion(commands: () => readonly AnyCommand[]): AnyCommand {
  return defineCommand<{ shell: Shell }, { shell: Shell; script: string }>({
    name: 'completion',
    summary: 'print a completion script for your shell',
    arguments: { shell: { flags: '<shell>', description: shells.join(', '), schema: z.enum(shells) } },
    examples: ['source <(assay completion bash)', 'assay completion fish > ~/.config/fish/completions/assay.fish'],
    async run(_context, { shell }) {
      if (shell === 'fish') return { shell, script: fishScript(commands()) };
      const bash = bashScript(commands());
      return { shell, script: shell === 'bash' ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}` };
    },
    render: ({ script }) => script,
  });
}
