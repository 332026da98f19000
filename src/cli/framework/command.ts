import type pino from 'pino';
import type { z } from 'zod';
import type { Cleanup } from './cleanup.ts';
import type { Progress } from './progress.ts';
import type { ResolvedSettings, Settings } from './settings.ts';

/** What every command is given. */
export type CommandContext = {
  readonly settings: Settings;
  readonly resolved: ResolvedSettings;
  readonly logger: pino.Logger;
  readonly progress: Progress;
  readonly cleanup: Cleanup;
  /** True where stdout must be one JSON object. */
  readonly json: boolean;
};

/** An option or argument of one command. A missing one is `undefined` to the schema, a flag without value is `true`. */
export type InputSpec<T> = {
  /** Commander's notation: `--port <number>` for an option, `<file>`, `[file]` or `<files...>` for an argument. */
  readonly flags: string;
  readonly description: string;
  readonly schema: z.ZodType<T>;
};

export type InputSpecs<I> = { readonly [K in keyof I]: InputSpec<I[K]> };

/** One command: noun and verb, what it takes, what it does, how its result reads. */
export type CommandSpec<I extends object, V> = {
  /** `key new`, `doctor`. */
  readonly name: string;
  readonly summary: string;
  /** Longer text for `--help`. */
  readonly description?: string;
  /** Positional arguments, in order, by name. */
  readonly arguments?: Partial<InputSpecs<I>>;
  /** Options by name; the name must be the flag's in camel case. */
  readonly options?: Partial<InputSpecs<I>>;
  /** At least one whole command line; shown by `--help`. */
  readonly examples: readonly [string, ...string[]];
  readonly run: (context: CommandContext, input: I) => Promise<V>;
  /** Says that `run` itself ends soon after the signal, with a result. Otherwise the signal cuts it short. */
  readonly endsInOrder?: boolean;
  /** What `--json` prints, where the result holds more than data. Default: the result itself. */
  readonly data?: (value: V) => unknown;
  /** The result for people. */
  readonly render: (value: V) => string;
  /** Where success has more than one meaning (a false proof, a failed check). */
  readonly exitCode?: (value: V) => number;
  /** For what keeps running after its result is printed: returns when it has ended, in order, after the signal. */
  readonly hold?: (context: CommandContext, value: V) => Promise<void>;
};

/** A command with its types put away, so that commands of all kinds fit one list. */
export type AnyCommand = {
  readonly name: string;
  readonly summary: string;
  readonly description: string | undefined;
  readonly arguments: readonly (readonly [name: string, spec: InputSpec<unknown>])[];
  readonly options: readonly (readonly [name: string, spec: InputSpec<unknown>])[];
  readonly examples: readonly string[];
  readonly execute: (context: CommandContext, input: object, print: (value: unknown, text: string) => void) => Promise<number>;
};

/** Checks nothing at run time; ties the types of input and result together. */
export function defineCommand<I extends object, V>(spec: CommandSpec<I, V>): AnyCommand {
  const entries = (specs: Partial<InputSpecs<I>> | undefined) => Object.entries(specs ?? {}) as [string, InputSpec<unknown>][];
  return {
    name: spec.name,
    summary: spec.summary,
    description: spec.description,
    arguments: entries(spec.arguments),
    options: entries(spec.options),
    examples: spec.examples,
    async execute(context, input, print) {
      const grace = spec.endsInOrder === true ? graceMs : 0;
      const value = await untilAborted(context.cleanup.signal, grace, spec.run(context, input as I));
      print(spec.data === undefined ? value : spec.data(value), spec.render(value));
      await spec.hold?.(context, value);
      return spec.exitCode?.(value) ?? 0;
    },
  };
}

/** Thrown where Ctrl-C cuts a command short. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** How long a command that ends in order may take for it. */
const graceMs = 20_000;

async function untilAborted<T>(signal: AbortSignal, grace: number, work: Promise<T>): Promise<T> {
  let onAbort: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const aborted = new Promise<never>((_, fail) => {
    onAbort = () => {
      const interrupt = (): void => fail(new Interrupted('interrupted'));
      if (grace === 0) interrupt();
      else timer = setTimeout(interrupt, grace);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
