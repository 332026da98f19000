// Writes test/vectors/encodings.json: node test/vectors/encodings.ts
import { writeFileSync } from 'node:fs';
import { encodingVectors } from '../utils/encodingVectors.ts';

writeFileSync(new URL('encodings.json', import.meta.url), `${JSON.stringify(await encodingVectors(), null, 1)}\n`);
