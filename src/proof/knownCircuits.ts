import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AssayError, exitCodes } from '../errors.ts';
import { assertSpec } from '../quant/spec.ts';
import { type CircuitInstance, instanceSchema, listCircuits } from './circuitInstance.ts';

const spec = z.strictObject({
  fx: z.int(),
  fa: z.int(),
  fd: z.int(),
  lrk: z.int(),
  lb: z.int(),
  actBits: z.int(),
  wmax: z.int(),
});
const fileSchema = z.strictObject({ version: z.literal(1), instance: instanceSchema({ spec }) });

/**
 * Circuits of the registry, then those that were made on demand with this cache.
 *
 * @param cacheDirectory folder of compiled circuits
 * @throws CIRCUIT_REGISTRY_INVALID, ARTIFACT_CORRUPT
 */
export async function listKnownCircuits(cacheDirectory: string): Promise<CircuitInstance[]> {
  const known = await listCircuits();
  const folder = instanceFolder(cacheDirectory);
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).sort();
  for (const file of files) {
    const instance = await readInstance(join(folder, file));
    // A later version's registry may have taken the name: the registry decides what it means.
    if (!known.some(({ name }) => name === instance.name)) known.push(instance);
  }
  return known;
}

/** The circuit of that name, of the registry or made on demand. @throws CIRCUIT_UNKNOWN */
export async function getKnownCircuit(name: string, cacheDirectory: string): Promise<CircuitInstance> {
  const known = await listKnownCircuits(cacheDirectory);
  const found = known.find((instance) => instance.name === name);
  if (found !== undefined) return found;
  throw new AssayError('CIRCUIT_UNKNOWN', `there is no circuit ${name}`, {
    hint: 'assay circuit list shows what is known; assay circuit build 196-25-10 makes one for these sizes.',
  });
}

/**
 * Remembers a circuit that was made on demand, so that its name works from now on. One that is known already, under whatever name, is returned instead.
 *
 * @returns the instance under the name that it is known by
 * @throws CIRCUIT_SHAPE for sizes that no circuit has; CIRCUIT_NAME_TAKEN where the name belongs to another circuit
 */
export async function rememberCircuit(instance: CircuitInstance, cacheDirectory: string): Promise<CircuitInstance> {
  const parsed = fileSchema.safeParse({ version: 1, instance });
  if (!parsed.success) {
    throw new AssayError('CIRCUIT_SHAPE', `${instance.name}: no circuit has these sizes`, { details: z.prettifyError(parsed.error) });
  }
  const { instance: checked } = parsed.data;
  assertSpec(checked.spec);
  const known = await listKnownCircuits(cacheDirectory);
  const same = known.find((other) => sameCircuit(other, checked));
  if (same !== undefined) return same;
  if (known.some(({ name }) => name === checked.name)) {
    throw new AssayError('CIRCUIT_NAME_TAKEN', `${checked.name} is another circuit already`, { hint: 'Choose another name.' });
  }
  const folder = instanceFolder(cacheDirectory);
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${checked.name}.json`);
  await writeFile(`${path}.${process.pid}.partial`, `${JSON.stringify({ version: 1, instance: checked })}\n`);
  await rename(`${path}.${process.pid}.partial`, path);
  return checked;
}

/** True for circuits that differ in their names at most. */
export function sameCircuit(a: CircuitInstance, b: CircuitInstance): boolean {
  return content(a) === content(b);
}

function instanceFolder(cacheDirectory: string): string {
  return join(cacheDirectory, 'instances');
}

/** Everything of an instance but its name, in one order. */
function content(instance: CircuitInstance): string {
  const { name: _, spec, ...rest } = instance;
  const sorted = (value: object): unknown[] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted(rest), sorted(spec)]);
}

async function readInstance(path: string): Promise<CircuitInstance> {
  try {
    const { instance } = fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
    assertSpec(instance.spec);
    return instance;
  } catch (cause) {
    throw new AssayError('ARTIFACT_CORRUPT', `${path} is damaged`, {
      cause,
      exitCode: exitCodes.artifactMismatch,
      hint: 'Delete the file and make the circuit again.',
    });
  }
}
