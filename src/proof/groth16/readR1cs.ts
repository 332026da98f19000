import { R } from '../../commitment/field.ts';
import { corruptFile, openBinaryFile } from './binaryFile.ts';

/** A coefficient: `matrix` is 0, 1 or 2 for A, B or C of the constraint A w * B w = C w. */
export type R1csTerm = { readonly matrix: 0 | 1 | 2; readonly wire: number; readonly value: bigint };

/** A compiled circom circuit's constraints. */
export type R1cs = {
  readonly wires: number;
  /** Public inputs and outputs, the constant one not counted. */
  readonly publicValues: number;
  readonly constraints: number;
  /** Calls back with every constraint in order. */
  visit(each: (constraint: number, terms: readonly R1csTerm[]) => void): void;
};

/**
 * Reads an .r1cs file.
 *
 * @throws ARTIFACT_CORRUPT for anything but BN254 constraints over the wires that there are; ARTIFACT_MISSING
 */
export async function readR1cs(path: string): Promise<R1cs> {
  const file = await openBinaryFile(path, 'r1cs');
  try {
    const headerSection = file.section(1);
    const header = Buffer.from(await file.read(headerSection, 0, headerSection.size));
    if (header.length !== 64 || header.readUInt32LE(0) !== 32 || field(header, 4) !== R)
      throw corruptFile(path, 'not over the field of BN254');
    const wires = header.readUInt32LE(36);
    const publicValues = header.readUInt32LE(40) + header.readUInt32LE(44);
    const constraints = header.readUInt32LE(60);
    const section = file.section(2);
    const bytes = Buffer.from(await file.read(section, 0, section.size));
    if (publicValues + 1 > wires || file.section(3).size !== 8 * wires || 12 * constraints > bytes.length) throw corruptFile(path, 'sizes');
    return {
      wires,
      publicValues,
      constraints,
      visit(each) {
        let at = 0;
        try {
          for (let i = 0; i < constraints; i++) {
            const terms: R1csTerm[] = [];
            for (const matrix of [0, 1, 2] as const) {
              const count = bytes.readUInt32LE(at);
              at += 4;
              for (let j = 0; j < count; j++) {
                const wire = bytes.readUInt32LE(at);
                const value = field(bytes, at + 4);
                if (wire >= wires || value >= R) throw new RangeError(`constraint ${i}`);
                terms.push({ matrix, wire, value });
                at += 36;
              }
            }
            each(i, terms);
          }
        } catch (error) {
          if (error instanceof RangeError) throw corruptFile(path, `constraints: ${error.message}`);
          throw error;
        }
        if (at !== bytes.length) throw corruptFile(path, 'bytes behind the last constraint');
      },
    };
  } finally {
    await file.close();
  }
}

function field(bytes: Buffer, at: number): bigint {
  const word = (i: number): bigint => bytes.readBigUInt64LE(at + 8 * i);
  return word(0) | (word(1) << 64n) | (word(2) << 128n) | (word(3) << 192n);
}
