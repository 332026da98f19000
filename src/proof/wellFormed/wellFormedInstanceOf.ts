import { blockCount } from '../../commitment/blocks.ts';
import type { ArithmeticSpec } from '../../quant/spec.ts';
import type { WellFormedInstance } from '../circuitInstance.ts';
import { listKnownCircuits, rememberCircuit, sameCircuit } from '../knownCircuits.ts';
import { circuitName } from '../makeInstance.ts';

/** The well-formed circuit of a model: the one that is known, whatever blocks its proofs cover, else one made now. @throws those of rememberCircuit */
export async function wellFormedInstanceOf(
  { spec, sizes, blockLog }: { readonly spec: ArithmeticSpec; readonly sizes: readonly number[]; readonly blockLog: number },
  cacheDirectory: string,
): Promise<WellFormedInstance> {
  const blocks = blockCount(sizes, blockLog);
  // What does not fit one proof takes one a block.
  const blocksPerProof = blocks <= 5 ? blocks : 1;
  const asked: WellFormedInstance = { name: '', statement: 'well-formed', system: 'noir', sizes, spec, blockLog, blocksPerProof };
  const known = (await listKnownCircuits(cacheDirectory)).find(
    (circuit): circuit is WellFormedInstance => circuit.statement === 'well-formed' && sameCircuit({ ...circuit, blocksPerProof }, asked),
  );
  return known ?? ((await rememberCircuit({ ...asked, name: circuitName(asked) }, cacheDirectory)) as WellFormedInstance);
}
