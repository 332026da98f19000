// Stands for a prover that a user brings: `node fakeProver.ts ZKEY WTNS PROOF.json PUBLIC.json`, its behaviour in FAKE_PROVER.
import { writeFileSync } from 'node:fs';

const [, , zkey, wtns, proofPath, publicPath] = process.argv as [string, string, string, string, string, string];
const behaviour = process.env['FAKE_PROVER'];
if (behaviour === 'fail') {
  console.error('out of luck');
  process.exit(7);
}
if (behaviour === 'silent') process.exit(0);
if (behaviour === 'hang') setInterval(() => undefined, 1000);
else if (behaviour === 'junk') {
  writeFileSync(proofPath, 'proof: yes');
  writeFileSync(publicPath, '[]');
  process.exit(0);
} else if (behaviour === 'huge') {
  writeFileSync(proofPath, ' '.repeat(2 ** 20 + 1));
  writeFileSync(publicPath, '[]');
  process.exit(0);
} else {
  const { groth16 } = await import('snarkjs');
  const { proof, publicSignals } = await groth16.prove(zkey, wtns);
  const made = structuredClone(proof) as unknown as { pi_a: string[]; pi_b: string[][]; pi_c: string[] };
  if (behaviour === 'lie') made.pi_c = [...made.pi_a];
  if (behaviour === 'above')
    made.pi_a[0] = (
      BigInt(made.pi_a[0] as string) + 21888242871839275222246405745257275088696311157297823662689037894645226208583n
    ).toString();
  if (behaviour === 'off-curve') made.pi_a[1] = (BigInt(made.pi_a[1] as string) - 1n).toString();
  const said = behaviour === 'other-inputs' ? ['1', ...publicSignals.slice(1)] : publicSignals;
  writeFileSync(proofPath, JSON.stringify(made));
  writeFileSync(publicPath, JSON.stringify(said));
  process.exit(0);
}
