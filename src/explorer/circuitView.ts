import { type Hex, keccak256, toHex } from 'viem';
import { decodeAuditShape, decodeInferenceShape, decodeShape, decodeWellFormedShape } from '../commitment/decodeShape.ts';
import { specId } from '../commitment/ids.ts';
import { type CircuitInstance, listCircuits } from '../proof/circuitInstance.ts';
import { readMeasurement } from '../proof/measurements.ts';
import { latestEvent, named, notFound, placeOf, type ViewContext } from './viewContext.ts';
import type { CircuitView } from './views.ts';

const statements = ['train-window', 'inference', 'well-formed', 'audit', 'membership'] as const;
const byType = new Map<Hex, string>(statements.map((name) => [keccak256(toHex(name)), name]));

let registry: Promise<readonly CircuitInstance[]> | undefined;

/** The circuit of this package that a registered one may be, by the facts in its shape. It is not rebuilt: `verifyStored` does that. */
export async function instanceOf(statement: string, shape: Hex): Promise<CircuitInstance | undefined> {
  registry ??= listCircuits();
  const found = await registry;
  const like = (
    model: { readonly specId: Hex; readonly blockLog: number; readonly sizes: readonly number[] },
    same: (one: CircuitInstance) => boolean,
  ) =>
    found.find(
      (one) =>
        one.statement === statement &&
        one.blockLog === model.blockLog &&
        one.sizes.join() === model.sizes.join() &&
        specId(one.spec) === model.specId &&
        same(one),
    );
  try {
    switch (statement) {
      case 'train-window': {
        const { steps, treeDepth, ...model } = decodeShape(shape);
        return like(model, (one) => one.statement === 'train-window' && one.steps === steps && one.treeDepth === treeDepth);
      }
      case 'inference': {
        const { inputs, output, setupId, ...model } = decodeInferenceShape(shape);
        const system = /^0x0+$/.test(setupId) ? 'noir' : 'circom';
        return like(
          model,
          (one) => one.statement === 'inference' && one.inputs === inputs && one.output === output && one.system === system,
        );
      }
      case 'well-formed': {
        const { blocksPerProof, ...model } = decodeWellFormedShape(shape);
        return like(model, (one) => one.statement === 'well-formed' && one.blocksPerProof === blocksPerProof);
      }
      case 'audit': {
        const { samples, groups, treeDepth, output, ...model } = decodeAuditShape(shape);
        return like(
          model,
          (one) =>
            one.statement === 'audit' &&
            one.samples === samples &&
            one.groups === groups &&
            one.treeDepth === treeDepth &&
            one.output === output,
        );
      }
      default:
        return undefined;
    }
  } catch {
    // Anyone may register a circuit of any shape.
    return undefined;
  }
}

/** @throws EXPLORER_NOT_FOUND */
export async function circuitViewOf(context: ViewContext, circuitId: Hex): Promise<CircuitView> {
  const { reader, facts } = context;
  const registered = await latestEvent(reader, 'CircuitRegistered', ['circuitId', circuitId]);
  if (registered === undefined) throw notFound('circuit', circuitId);
  const { modelId, srsId, statementType, proofVerifier, statementVerifier } = registered.args;
  const statement = byType.get(statementType) ?? statementType;
  const names = await reader.events({ name: 'CircuitNamed', about: ['circuitId', circuitId], limit: 200, newestFirst: true });
  const record = await facts.circuit(circuitId);
  const instance = record === undefined ? undefined : await instanceOf(statement, record.shape);
  const measured = instance === undefined ? undefined : await readMeasurement(instance.name).catch(() => undefined);
  return {
    id: circuitId,
    name: named(names.items, 'CircuitNamed')[0]?.args.name ?? null,
    statement,
    modelId,
    srsId,
    proofVerifier,
    statementVerifier,
    registered: await placeOf(context, registered),
    known:
      instance === undefined
        ? null
        : {
            instance: instance.name,
            sizes: [...instance.sizes],
            steps: instance.statement === 'train-window' ? instance.steps : null,
            batch: 2 ** instance.spec.lb,
            gates: measured?.size ?? null,
            proveSeconds: measured?.proveSeconds ?? null,
            proofBytes: measured?.proofBytes ?? record?.proofBytes ?? null,
          },
  };
}

/** What turns a job's sum of squared errors into a mean: the squared units of a sample's, and samples of a window. Undefined where the circuit is not known here. */
export async function lossScale(
  context: ViewContext,
  circuitId: Hex,
): Promise<{ readonly samples: number; readonly fd: number } | undefined> {
  const record = await context.facts.circuit(circuitId);
  const instance = record === undefined ? undefined : await instanceOf('train-window', record.shape);
  if (instance?.statement !== 'train-window') return undefined;
  return { samples: instance.steps * 2 ** instance.spec.lb, fd: instance.spec.fd };
}
