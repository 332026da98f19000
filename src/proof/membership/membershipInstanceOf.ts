import type { MinibatchSet } from '../../data/minibatchSet.ts';
import { defaultSpec, weightBits } from '../../quant/spec.ts';
import type { MembershipInstance } from '../circuitInstance.ts';
import { listKnownCircuits, rememberCircuit } from '../knownCircuits.ts';
import { circuitName } from '../makeInstance.ts';
import { byteLabels, membershipLayout } from './circuit.ts';

/** The membership circuit of data sets of this cut: the one that is known, else one made now. @throws CIRCUIT_SHAPE; those of rememberCircuit */
export async function membershipInstanceOf(
  { features, featureBits, batch, depth }: Pick<MinibatchSet, 'features' | 'featureBits' | 'batch' | 'depth'>,
  cacheDirectory: string,
): Promise<MembershipInstance> {
  const usual = { ...defaultSpec(Math.log2(batch)), fx: featureBits, fa: featureBits };
  const spec = { ...usual, wmax: 2 ** (weightBits(usual) + 2) };
  const common = { statement: 'membership', system: 'noir', sizes: [features, byteLabels], treeDepth: depth } as const;
  const asked: MembershipInstance = { ...common, name: '', spec, blockLog: 15 };
  membershipLayout(asked);
  // Of an arithmetic, only features and minibatch count.
  const known = (await listKnownCircuits(cacheDirectory)).find(
    (circuit): circuit is MembershipInstance =>
      circuit.statement === 'membership' &&
      circuit.sizes[0] === features &&
      circuit.treeDepth === depth &&
      circuit.spec.fx === featureBits &&
      2 ** circuit.spec.lb === batch,
  );
  return known ?? ((await rememberCircuit({ ...asked, name: circuitName(asked) }, cacheDirectory)) as MembershipInstance);
}
