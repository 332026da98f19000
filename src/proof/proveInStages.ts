export type ProvingStage = 'witness' | 'proof' | 'opening';

export type ProveInStagesParameters<Solved> = {
  readonly onStage: ((stage: ProvingStage) => void) | undefined;
  readonly solve: () => Promise<Solved>;
  readonly prove: (solved: Solved) => Promise<{ readonly proof: Uint8Array }>;
  readonly open: (solved: Solved) => Promise<Uint8Array>;
};

export type ProveInStagesReturnType<Solved> = {
  readonly solved: Solved;
  readonly proof: Uint8Array;
  readonly opening: Uint8Array;
  readonly seconds: Readonly<Record<ProvingStage, number>>;
};

/** Witness, proof and opening, one after another, each told and timed. @throws those of the stages */
export async function proveInStages<Solved>(parameters: ProveInStagesParameters<Solved>): Promise<ProveInStagesReturnType<Solved>> {
  const { onStage, solve, prove, open } = parameters;
  const seconds = { witness: 0, proof: 0, opening: 0 };
  const stage = async <T>(name: ProvingStage, action: () => Promise<T>): Promise<T> => {
    onStage?.(name);
    const started = performance.now();
    const result = await action();
    seconds[name] = (performance.now() - started) / 1000;
    return result;
  };
  const solved = await stage('witness', solve);
  const { proof } = await stage('proof', () => prove(solved));
  const opening = await stage('opening', () => open(solved));
  return { solved, proof, opening, seconds };
}
