import { formatUnits, parseUnits } from 'viem';
import { z } from 'zod';
import { showTokens, tokenAmount } from '../framework/amounts.ts';
import { defineCommand } from '../framework/command.ts';
import { columns } from '../framework/output.ts';

type Input = { readonly circuit: string; readonly windows: number; readonly price: bigint | undefined; readonly gasPrice: bigint };

type Estimate = {
  readonly circuit: string;
  readonly sizes: readonly number[];
  readonly parameters: number;
  readonly windows: number;
  /** SGD steps of all windows, and the samples that they take. */
  readonly steps: number;
  readonly samples: number;
  readonly gates: number;
  /** Rows that the gates pad to; the SRS needs one point more (64 bytes each). */
  readonly paddedGates: number;
  readonly srsPoints: number;
  readonly window: {
    readonly witnessSeconds: number;
    readonly proveSeconds: number;
    readonly openSeconds: number;
    readonly verifySeconds: number;
    readonly memoryMb: number;
    readonly bytes: number;
    /** Of the whole transaction: verification, calldata, settlement. */
    readonly gas: number;
  };
  /** Once a machine. */
  readonly compile: { readonly seconds: number; readonly memoryMb: number };
  readonly total: {
    /** Of one worker after the other: windows follow on each other. */
    readonly seconds: number;
    readonly gas: number;
    /** At --gas-price; paid by the workers. */
    readonly gasEther: string;
    /** Escrow, in whole tokens; null without --price. */
    readonly escrow: string | null;
  };
  readonly source: string;
};

/** What `submit` does beside verifying: state, bond, credit, event. Measured on anvil with train-window-16-8-4, from a job's second window on. */
const settlementGas = 120_000;

export const jobEstimate = defineCommand<Input, Estimate>({
  name: 'job estimate',
  summary: 'what a job would take: gates, memory, time, gas, cost',
  description:
    'Multiplies what `npm run -s bench -- prove` has measured of one window (circuits/measurements.json, on a machine with the stated number of cores). Nothing ' +
    'is asked of chain or network.',
  options: {
    circuit: { flags: '--circuit <name>', description: 'circuit instance, as train-window-196-64-10', schema: z.string().min(1) },
    windows: {
      flags: '--windows <count>',
      description: 'windows of the job',
      schema: z.coerce
        .number()
        .int()
        .min(1)
        .max(2 ** 32 - 1),
    },
    price: { flags: '--price <amount>', description: 'of one window, in whole tokens', schema: tokenAmount.optional() },
    gasPrice: {
      flags: '--gas-price <gwei>',
      description: 'price of gas, in gwei (default 1)',
      schema: z
        .string()
        .regex(/^\d{1,9}(\.\d{1,9})?$/, 'expected gwei, as 0.5 or 12')
        .default('1')
        .transform((text) => parseUnits(text, 9)),
    },
  },
  examples: ['assay job estimate --circuit train-window-784-128-10 --windows 100 --price 2.5'],
  async run(_context, { circuit, windows, price, gasPrice }) {
    const { AssayError } = await import('../../errors.ts');
    const { getWindowCircuit, listWindowCircuits } = await import('../../proof/circuitInstance.ts');
    const { measurementsFile, readMeasurement } = await import('../../proof/measurements.ts');
    const { sizes, spec, steps, blockLog } = await getWindowCircuit(circuit);
    const measured = await readMeasurement(circuit);
    if (measured === undefined) {
      const known: string[] = [];
      for (const { name } of await listWindowCircuits()) if ((await readMeasurement(name)) !== undefined) known.push(name);
      throw new AssayError('CIRCUIT_NOT_MEASURED', `nobody has measured ${circuit}`, {
        hint: `Measured are: ${known.join(', ')}.`,
      });
    }
    const { witnessSeconds, proveSeconds, openSeconds, verifySeconds } = measured;
    const windowGas = measured.transactionGas + settlementGas;
    const gas = windowGas * windows;
    return {
      circuit,
      sizes,
      parameters: sizes.slice(1).reduce((sum, m, l) => sum + m * ((sizes[l] as number) + 1), 0),
      windows,
      steps: windows * steps,
      samples: windows * steps * 2 ** spec.lb,
      gates: measured.size,
      paddedGates: 2 ** measured.logSize,
      srsPoints: 2 ** Math.max(measured.logSize, blockLog) + 1,
      window: {
        witnessSeconds,
        proveSeconds,
        openSeconds,
        verifySeconds,
        memoryMb: Math.ceil(measured.memory),
        bytes: measured.proofBytes + measured.openingBytes,
        gas: windowGas,
      },
      compile: { seconds: measured.buildSeconds, memoryMb: Math.ceil(measured.buildMemory) },
      total: {
        // A worker verifies its own proof before it announces it.
        seconds: windows * (witnessSeconds + proveSeconds + openSeconds + verifySeconds),
        gas,
        gasEther: formatUnits(BigInt(gas) * gasPrice, 18),
        escrow: price === undefined ? null : showTokens(price * BigInt(windows)),
      },
      source: `${measurementsFile}, measured on ${measured.cores} cores`,
    };
  },
  render(e) {
    const seconds = (value: number): string => (value < 120 ? `${value.toFixed(1)} s` : `${(value / 60).toFixed(1)} min`);
    const { witnessSeconds, proveSeconds, openSeconds, verifySeconds, memoryMb, bytes, gas } = e.window;
    return columns([
      ['circuit', `${e.circuit}: ${e.sizes.join('-')}, ${e.parameters} parameters`],
      ['job', `${e.windows} windows, ${e.steps} steps, ${e.samples} samples`],
      ['gates', `${e.gates}, padded to ${e.paddedGates}; SRS of ${e.srsPoints} points (${Math.ceil((e.srsPoints * 64) / 2 ** 20)} MB)`],
      [
        'window',
        `witness ${seconds(witnessSeconds)}, proof ${seconds(proveSeconds)}, opening ${seconds(openSeconds)}, verify ${seconds(verifySeconds)}`,
      ],
      ['', `${memoryMb} MB of memory, ${bytes} bytes, ${gas} gas`],
      ['compile', `${seconds(e.compile.seconds)} and ${e.compile.memoryMb} MB, once a machine`],
      ['total', `${seconds(e.total.seconds)} one window after the other; ${e.total.gas} gas, ${e.total.gasEther} ether`],
      ['escrow', e.total.escrow === null ? 'windows x price' : `${e.total.escrow} tokens`],
      ['source', e.source],
    ]);
  },
});
