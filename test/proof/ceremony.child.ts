// Child process of the ceremony tests: finds or makes the dev SRS in argv[2] with argv[3] points, and prints its id.
import { ensureSrs } from '../../src/proof/ceremony.ts';

const [, , directory, points] = process.argv as [string, string, string, string];
const srs = await ensureSrs({ directory, points: Number(points), onProgress: (done) => console.log(`progress ${done}`) });
console.log(`id ${srs.id} ${srs.count}`);
process.exit(0);
