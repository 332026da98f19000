/**
 * Measurements that anyone can repeat: `npm run -s bench -- prove|train|open|gas|audit|explorer [options] [--json]`.
 *
 * Each bench is a module of its own that exports one function of the remaining arguments; it prints its own table, or with `--json` one JSON object.
 */
export type Bench = (args: readonly string[]) => Promise<void>;

const benches: Readonly<Record<string, { readonly what: string; readonly load: () => Promise<Bench> }>> = {
  train: {
    what: 'steps a second of each training engine, against float32 ONNX Runtime in the same run',
    load: async () => (await import('./bench-train.ts')).benchTrain,
  },
  prove: {
    what: 'gates or constraints, seconds, memory, bytes and gas of proofs of every statement; before and after; what peers publish',
    load: async () => (await import('./bench-prove.ts')).benchProve,
  },
  audit: {
    what: 'a certificate of accuracy over MNIST test images: seconds and gates an image, seconds to verify',
    load: async () => (await import('./bench-audit.ts')).benchAudit,
  },
  gas: {
    what: 'gas of every call at small and largest size, and of one honest window in each mode',
    load: async () => (await import('./bench-gas.ts')).benchGas,
  },
  explorer: {
    what: 'seconds to rebuild the index of 100,000 windows, milliseconds of every view of the explorer',
    load: async () => (await import('./bench-explorer.ts')).benchExplorer,
  },
  open: {
    what: 'seconds of commitments and openings',
    load: async () => (await import('./bench-open.ts')).benchOpen,
  },
};

const [name = '', ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
if (bench === undefined) {
  const list = Object.entries(benches).map(([key, { what }]) => `  ${key.padEnd(8)} ${what}`);
  console.error(`usage: npm run -s bench -- <bench> [--json]\n\n${list.join('\n')}`);
  process.exitCode = 2;
} else {
  await (await bench.load())(args);
  // Native back ends and curve workers would hold the process open.
  process.exit(process.exitCode ?? 0);
}
