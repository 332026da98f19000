import { Command, CommanderError, Option } from 'commander';
import { AssayError, exitCodes } from '../../errors.ts';
import { createCleanup } from './cleanup.ts';
import type { AnyCommand, CommandContext, InputSpec } from './command.ts';
import { Interrupted } from './command.ts';
import { describeFailure, failureObject, renderFailure } from './failure.ts';
import { createLogger } from './logger.ts';
import { toJson } from './output.ts';
import { plainLines } from './plain.ts';
import { createProgress } from './progress.ts';
import { resolveSettings, settingNames, settingsTable } from './settings.ts';

export type Group = { readonly name: string; readonly summary: string };

export type ProgramParameters = {
  readonly version: string;
  readonly groups: readonly Group[];
  readonly commands: readonly AnyCommand[];
  /** Called for the command that was asked for, with its parsed options and arguments. */
  readonly onCommand: (command: AnyCommand, flags: Record<string, unknown>, positional: readonly unknown[]) => Promise<void>;
};

/** The commander program: every command with the common options, its help with examples. */
function createProgram({ version, groups, commands, onCommand }: ProgramParameters): Command {
  const program = new Command('assay')
    .description('Provable, payable machine-learning work.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand('help [command]', 'help on a command')
    .exitOverride(stopAt('assay', 'the commands'))
    .configureOutput({ outputError: () => undefined });
  addCommonOptions(program, true);
  program.addHelpText('after', '\nEvery command has --help, with its options and an example.');
  const parents = new Map<string, Command>();
  for (const { name, summary } of groups) {
    parents.set(
      name,
      program
        .command(name)
        .description(summary)
        .exitOverride(stopAt(`assay ${name}`, 'its commands')),
    );
  }
  for (const command of commands) {
    const words = command.name.split(' ');
    const verb = words.at(-1) as string;
    const parent = words.length === 1 ? program : parents.get(words[0] as string);
    if (parent === undefined) throw new Error(`no command group for '${command.name}'`);
    // A command that is called as its group is what the group does without a verb.
    const node = (words.length === 1 ? parents.get(verb) : undefined) ?? parent.command(verb);
    node
      .summary(command.summary)
      .description(command.description ?? command.summary)
      .exitOverride(stopAt(`assay ${command.name}`, 'its options'));
    for (const [, spec] of command.arguments) node.argument(spec.flags, spec.description);
    for (const [name, spec] of command.options) {
      const option = new Option(spec.flags, spec.description);
      if (option.attributeName() !== name) throw new Error(`option '${spec.flags}' of '${command.name}' is called '${name}'`);
      node.addOption(option);
      // Saying what holds anyway is no mistake.
      if (option.negate) node.addOption(new Option(option.long?.replace('--no-', '--') ?? '').hideHelp());
    }
    addCommonOptions(node);
    const examples = command.examples.map((line) => `  $ ${line}`).join('\n');
    node.addHelpText('after', `\nExample${command.examples.length > 1 ? 's' : ''}:\n${examples}`);
    node.action(async (...all: unknown[]) => {
      const positional = all.slice(0, command.arguments.length);
      await onCommand(command, flagsOf(node), positional);
    });
  }
  return program;
}

/** What ends a command line before its command runs: help or the version, printed already, or a mistake in it. */
function stopAt(name: string, listed: string): (error: CommanderError) => never {
  return (error) => {
    if (error.exitCode === exitCodes.ok) throw error;
    // A group without a verb has printed its help, on stderr.
    const message = error.code === 'commander.help' ? 'which command?' : error.message.replace(/^error: /, '');
    throw new AssayError('CLI_USAGE', message, { hint: `${name} --help lists ${listed}.`, exitCode: exitCodes.usage });
  };
}

/** The options of a command and of those above it; what was given nearest to the command wins, and over any default. */
function flagsOf(node: Command): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  const defaults: Record<string, unknown> = {};
  for (let at: Command | null = node; at !== null; at = at.parent) {
    for (const [name, value] of Object.entries(at.opts())) {
      const known = at.getOptionValueSource(name) === 'default' ? defaults : given;
      if (!(name in known)) known[name] = value;
    }
  }
  return { ...defaults, ...given };
}

/** The options that every command takes, also in front of the command; there they are not listed once more. */
function addCommonOptions(command: Command, hidden = false): void {
  const add = (flags: string, description: string): void => {
    const option = new Option(flags, description).helpGroup('Common options:');
    command.addOption(hidden ? option.hideHelp() : option);
  };
  add('--json', 'print one JSON object on stdout and nothing else');
  add('--debug', 'print the stack of an unexpected error');
  for (const name of settingNames) {
    const row = settingsTable[name];
    add(row.flag, `${row.description} (${row.environment}; default ${row.fallbackText})`);
  }
}

/**
 * Runs one command line and returns the exit code. stdout gets the result (with `--json` one object, also for errors), stderr all the rest.
 */
export async function runCommandLine(argv: readonly string[], parameters: Omit<ProgramParameters, 'onCommand'>): Promise<number> {
  const stderr = (text: string): void => void process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
  const json = argv.includes('--json');
  const debug = argv.includes('--debug');
  const progress = createProgress(process.stderr);
  const cleanup = createCleanup((text) => progress.note(text));
  let exitCode: number = exitCodes.ok;

  const program = createProgram({
    ...parameters,
    async onCommand(command, flags, positional) {
      const resolved = await resolveSettings({ flags, environment: process.env });
      const input: Record<string, unknown> = {};
      for (const [name, spec] of command.options) input[name] = parseInput(spec, flags[name]);
      for (const [i, [name, spec]] of command.arguments.entries()) input[name] = parseInput(spec, positional[i]);
      const context: CommandContext = {
        settings: resolved.settings,
        resolved,
        logger: createLogger(resolved.settings.logLevel),
        progress,
        cleanup,
        json,
      };
      exitCode = await command.execute(context, input, (value, text) => {
        const output = json ? toJson(value) : plainLines(text);
        if (output !== '') process.stdout.write(output.endsWith('\n') ? output : `${output}\n`);
      });
    },
  });

  try {
    await program.parseAsync(argv as string[]);
  } catch (error) {
    exitCode = report(error);
  }
  await cleanup.run();
  return exitCode;

  function report(error: unknown): number {
    if (error instanceof Interrupted) return 130;
    if (error instanceof CommanderError) return exitCodes.ok;
    return reportFailure(error);
  }

  function reportFailure(error: unknown): number {
    const failure = describeFailure(error);
    if (json) process.stdout.write(`${toJson(failureObject(failure, debug))}\n`);
    else stderr(plainLines(renderFailure(failure, debug)));
    return failure.exitCode;
  }
}

function parseInput(spec: InputSpec<unknown>, raw: unknown): unknown {
  const result = spec.schema.safeParse(raw);
  if (result.success) return result.data;
  const name = spec.flags.split(/[ ,]/)[0] as string;
  const message =
    raw === undefined ? `${name} is missing` : `${name}: ${result.error.issues.map((i) => i.message).join('; ')} (got '${String(raw)}')`;
  throw new AssayError('CLI_BAD_OPTION', message, { hint: spec.description, exitCode: exitCodes.usage });
}
