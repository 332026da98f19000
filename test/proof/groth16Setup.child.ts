// Child process of the set-up tests: makes the dev key of the circuit argv[2] in the folder argv[3].
import { setUpGroth16 } from '../../src/proof/groth16/setup.ts';

const [, , r1cs, cacheDirectory, name] = process.argv as [string, string, string, string, string];
await setUpGroth16({ name, r1cs, cacheDirectory, profile: 'dev', onProgress: () => console.log('progress') });
console.log('made');
process.exit(0);
