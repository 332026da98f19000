import { AssayError } from '../../errors.ts';
import type { InferenceInstance, WellFormedInstance } from '../../proof/circuitInstance.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import type { CommandContext } from '../framework/command.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';

/** A circuit for a model, known by its name from now on. */
export type ModelCircuit = {
  readonly name: string;
  readonly statement: 'inference' | 'well-formed';
  readonly system: 'groth16' | 'ultrahonk';
  /** Gates or constraints, keys and verifier made; null where nothing was built. */
  readonly built: { readonly rows: number; readonly profile: 'dev' | 'public'; readonly seconds: number } | null;
  /** Why it was not built; null where it was, or where nobody asked. */
  readonly refused: string | null;
  /** Builds it. */
  readonly command: string;
};

type Model = { readonly spec: ArithmeticSpec; readonly sizes: readonly number[]; readonly blockLog: number };

/** The circuits that prove things of a model: its answers in both systems, and that its weights are within wmax. */
async function instancesOf(
  { spec, sizes, blockLog }: Model,
  cacheDirectory: string,
): Promise<readonly (InferenceInstance | WellFormedInstance)[]> {
  const { blockCount } = await import('../../commitment/blocks.ts');
  const { circuitName } = await import('../../proof/makeInstance.ts');
  const { listKnownCircuits, rememberCircuit, sameCircuit } = await import('../../proof/knownCircuits.ts');
  const common = { name: '', spec, sizes, blockLog };
  const wanted: readonly (InferenceInstance | WellFormedInstance)[] = [
    { ...common, statement: 'inference', system: 'noir', inputs: 1, output: 'class' },
    { ...common, statement: 'inference', system: 'circom', inputs: 1, output: 'class' },
    { ...common, statement: 'well-formed', system: 'noir', blocksPerProof: Math.min(blockCount(sizes, blockLog), 5) },
  ];
  const known = await listKnownCircuits(cacheDirectory);
  const instances: (InferenceInstance | WellFormedInstance)[] = [];
  for (const instance of wanted) {
    // Any number of blocks a proof will do: the registry knows best how many.
    const found = known.find((other) =>
      sameCircuit(
        instance.statement === 'well-formed' && other.statement === 'well-formed'
          ? { ...other, blocksPerProof: instance.blocksPerProof }
          : other,
        instance,
      ),
    );
    instances.push(
      (found ?? (await rememberCircuit({ ...instance, name: circuitName(instance) }, cacheDirectory))) as (typeof wanted)[number],
    );
  }
  return instances;
}

const describe = ({ name, statement, system }: InferenceInstance | WellFormedInstance): ModelCircuit => ({
  name,
  statement,
  system: system === 'circom' ? 'groth16' : 'ultrahonk',
  built: null,
  refused: null,
  command: `assay circuit setup ${name}`,
});

/** Names the circuits of a model and builds nothing. */
export async function modelCircuits({ settings }: Pick<CommandContext, 'settings'>, model: Model): Promise<readonly ModelCircuit[]> {
  return (await instancesOf(model, circuitCacheDirectory(settings))).map(describe);
}

/**
 * Builds circuits, keys and verifiers of a model, or takes them from the cache. What cannot be built here is said, and stops nothing: the model is
 * committed already.
 */
export async function buildModelCircuits(
  { settings, progress }: Pick<CommandContext, 'settings' | 'progress'>,
  model: Model,
): Promise<readonly ModelCircuit[]> {
  const { assertCircuitFits } = await import('../../proof/assertCircuitFits.ts');
  const { buildInferenceArtifacts } = await import('../../proof/inference/inferenceArtifacts.ts');
  const { buildWellFormedArtifacts } = await import('../../proof/wellFormed/artifacts.ts');
  const { circuitLimits } = await import('../circuit/instanceOptions.ts');
  const cacheDirectory = circuitCacheDirectory(settings);
  const ceremony = ceremonyOf(settings);
  const circuits: ModelCircuit[] = [];
  for (const instance of await instancesOf(model, cacheDirectory)) {
    const circuit = describe(instance);
    const started = performance.now();
    try {
      await assertCircuitFits(instance, await circuitLimits(settings));
      const made = await progress.step(`circuit ${instance.name}`, async (update) => {
        if (instance.statement === 'well-formed') {
          const { gates, srs } = await buildWellFormedArtifacts({
            instance,
            ceremony,
            cacheDirectory,
            onCompile: () => update('compiling'),
          });
          return { rows: gates, profile: srs.profile };
        }
        const { backend, profile } = await buildInferenceArtifacts({ instance, ceremony, cacheDirectory, onProgress: update });
        return { rows: backend.system === 'noir' ? backend.honk.gates : backend.groth16.constraints, profile };
      });
      circuits.push({ ...circuit, built: { ...made, seconds: (performance.now() - started) / 1000 } });
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
      circuits.push({ ...circuit, refused: `${error.code}: ${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}` });
    }
  }
  return circuits;
}

/** Lines for people. */
export function renderCircuits(circuits: readonly ModelCircuit[]): string[] {
  return [
    '',
    'Circuits for it:',
    ...circuits.map(({ name, system, built, refused, command }) => {
      if (built !== null) {
        return `  ${name}: ${built.rows} ${system === 'groth16' ? 'constraints' : 'gates'}, keys of the ${built.profile} ceremony (${built.seconds.toFixed(1)} s)`;
      }
      return `  ${refused === null ? command : `${name} was not built: ${refused}`}`;
    }),
  ];
}
