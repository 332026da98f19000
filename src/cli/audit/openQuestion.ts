import { z } from 'zod';
import type { AuditSet } from '../../data/auditSet.ts';
import { AssayError, exitCodes } from '../../errors.ts';
import type { ModelFolder } from '../../model/modelFolder.ts';
import type { AuditInstance, WellFormedInstance } from '../../proof/circuitInstance.ts';
import type { CommandContext, InputSpecs } from '../framework/command.ts';
import { circuitCacheDirectory } from '../framework/folders.ts';
import { pathSchema } from '../framework/pathSchema.ts';
import { readInputFile } from '../framework/readInputFile.ts';

/** Which model, which set. */
export type QuestionInput = {
  readonly model: string;
  readonly set: string;
  /** Margins that counts are told apart by. */
  readonly thresholds: readonly number[];
};

export const questionOptions: InputSpecs<QuestionInput> = {
  model: { flags: '--model <folder>', description: 'model, as `assay model import` writes it', schema: pathSchema },
  set: { flags: '--set <file>', description: 'audit set, as `assay audit set` writes it', schema: pathSchema },
  thresholds: {
    flags: '--thresholds <margins...>',
    description: 'also count how sure the model was: margins between its two largest logits, in units of the proof, rising',
    schema: z.array(z.coerce.number().int().min(0)).max(16).default([]),
  },
};

export type Question = {
  readonly model: ModelFolder;
  readonly set: AuditSet;
  /** Known by their names from now on; nothing is compiled. */
  readonly circuit: AuditInstance;
  readonly wellFormed: WellFormedInstance;
};

/**
 * Reads a model and a set, and finds the circuits of the audit.
 *
 * @throws AUDIT_SET_MISMATCH (exit 2) for a set of other samples than the model takes; those of readModelFolder, decodeAuditSet, rememberCircuit
 */
export async function openQuestion({ settings, progress }: CommandContext, input: QuestionInput): Promise<Question> {
  const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
  const { decodeAuditSet } = await import('../../data/auditSetBlob.ts');
  const { readModelFolder } = await import('../../model/modelFolder.ts');
  const { rememberCircuit } = await import('../../proof/knownCircuits.ts');
  const { circuitName } = await import('../../proof/makeInstance.ts');
  const { wellFormedInstanceOf } = await import('../../proof/wellFormed/wellFormedInstanceOf.ts');
  const model = await readModelFolder(input.model);
  const bytes = await readInputFile(input.set);
  const set = await progress.step('audit set', async () => decodeAuditSet(await loadPoseidon2(), bytes));
  const { spec, sizes, blockLog } = model;
  const fits = (what: string, ofSet: number, ofModel: number): void => {
    if (ofSet === ofModel) return;
    throw new AssayError('AUDIT_SET_MISMATCH', `the set has ${ofSet} ${what}, the model takes ${ofModel}`, {
      exitCode: exitCodes.usage,
      hint: 'Make the set for this model: assay audit set ... --model FOLDER.',
    });
  };
  fits('features', set.features, sizes[0] as number);
  fits('bits a feature', set.featureBits, spec.fx);
  fits('classes', set.classes, sizes.at(-1) as number);
  const asked: AuditInstance = {
    name: '',
    statement: 'audit',
    system: 'noir',
    sizes,
    spec,
    blockLog,
    samples: set.samples,
    groups: set.groups,
    treeDepth: set.tree.depth,
    output: 'counts',
    thresholds: input.thresholds,
  };
  const cacheDirectory = circuitCacheDirectory(settings);
  const circuit = (await rememberCircuit({ ...asked, name: circuitName(asked) }, cacheDirectory)) as AuditInstance;
  return { model, set, circuit, wellFormed: await wellFormedInstanceOf(model, cacheDirectory) };
}
