import { type Address, bytesToHex } from 'viem';
import { wellFormedContext } from '../../commitment/ids.ts';
import type { Kzg } from '../../commitment/kzg.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import { circuitIdOf } from '../../proof/circuitIdOf.ts';
import type { CommittedModel } from '../../proof/inference/proveInference.ts';
import type { UltraHonk } from '../../proof/ultrahonk.ts';
import type { WellFormedArtifacts } from '../../proof/wellFormed/artifacts.ts';
import { wellFormedLayout } from '../../proof/wellFormed/circuit.ts';
import { proveWellFormed } from '../../proof/wellFormed/proveWellFormed.ts';
import { nameCircuit, type Verifier } from '../nameCircuit.ts';
import { type Once, proveAnew } from '../once.ts';
import type { CertificateWellFormed } from '../parts.ts';
import { wordOf } from '../verdict.ts';

export type ProveSegmentsParameters = {
  readonly p2: Poseidon2;
  readonly kzg: Kzg;
  readonly honk: UltraHonk;
  readonly artifacts: WellFormedArtifacts;
  readonly verifier: Verifier;
  readonly model: CommittedModel;
  readonly chainId: number;
  /** The ModelRegistry that the proofs are for; the zero address where there is none. */
  readonly registry: Address;
  readonly onProgress?: (what: string) => void;
  readonly once?: Once;
};

/** Proves every segment of a checkpoint well-formed. @throws those of proveWellFormed */
export async function proveSegments(parameters: ProveSegmentsParameters): Promise<CertificateWellFormed> {
  const { artifacts, verifier, registry, onProgress, once = proveAnew, ...rest } = parameters;
  const chainId = BigInt(parameters.chainId);
  const circuitId = circuitIdOf(artifacts, verifier.code);
  const segments: CertificateWellFormed['segments'] = [];
  const count = wellFormedLayout(artifacts.instance).segments;
  for (let segment = 0; segment < count; segment++) {
    onProgress?.(`segment ${segment + 1} of ${count}`);
    const context = wellFormedContext(chainId, registry, circuitId);
    const about = `${wordOf(context)} ${wordOf(rest.model.checkpointId)} ${verifier.address.toLowerCase()}`;
    segments.push(
      await once(`segment-${segment}`, about, async () => {
        const { statement, proof, opening } = await proveWellFormed({
          ...rest,
          artifacts,
          segment,
          context,
          chainId,
          verifier: verifier.address,
          circuitId,
        });
        return { maskId: wordOf(statement[2] as bigint), proof: bytesToHex(proof), opening: bytesToHex(opening) };
      }),
    );
  }
  const circuit = nameCircuit(verifier, circuitId, artifacts.shapeBytes, artifacts.honkVerifier.runtime);
  return { circuit, registry: registry.toLowerCase(), segments };
}
