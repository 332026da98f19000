import { z } from 'zod';
import { AssayError, exitCodes } from '../../errors.ts';
import type { InputSpecs } from '../framework/command.ts';
import type { Table } from '../model/sampleOptions.ts';

/** What tells samples apart in a set for audits of fairness. */
export type GroupInput = {
  readonly groupColumn: string | undefined;
  readonly groupFile: string | undefined;
  readonly groupIsFeature: boolean;
  readonly groupNames: readonly string[] | undefined;
  readonly groupBounds: readonly number[] | undefined;
};

/** The group of every sample, and what the groups are called. */
export type Groups = { readonly of: readonly number[]; readonly names: readonly string[] };

export const groupOptions: InputSpecs<GroupInput> = {
  groupColumn: {
    flags: '--group-column <column>',
    description: 'CSV: name or number (from 0) of the column that tells groups; it is no feature',
    schema: z.string().min(1).optional(),
  },
  groupFile: {
    flags: '--group-file <file>',
    description: 'IDX or .npy file with a number for the group of every sample',
    schema: z.string().min(1).optional(),
  },
  groupIsFeature: {
    flags: '--group-is-feature',
    description: 'the group column is one of the features, too',
    schema: z.boolean().default(false),
  },
  groupNames: {
    flags: '--group-names <names...>',
    description: 'values of the groups, in the order of their numbers (default: sorted)',
    schema: z.array(z.string()).min(1).optional(),
  },
  groupBounds: {
    flags: '--group-bounds <numbers...>',
    description: 'of a column of numbers: group 0 is below the first bound, group 1 from it to the next, and so on',
    schema: z.array(z.coerce.number()).min(1).optional(),
  },
};

/** Refuses options that do not go together, before anything is read. @throws CLI_BAD_OPTION */
export function assertGroupOptions({ groupColumn, groupFile, groupIsFeature, groupNames, groupBounds }: GroupInput): void {
  if (groupColumn !== undefined && groupFile !== undefined) throw usage('--group-column and --group-file exclude each other');
  if (groupColumn === undefined && groupFile === undefined && (groupIsFeature || groupNames !== undefined || groupBounds !== undefined))
    throw usage('no column or file of groups is named');
  if (groupBounds !== undefined && groupNames !== undefined) throw usage('--group-bounds and --group-names exclude each other');
  if (groupBounds?.some((bound, i) => i > 0 && bound <= (groupBounds[i - 1] as number)) === true) throw usage('--group-bounds must rise');
  if (groupNames !== undefined && new Set(groupNames).size !== groupNames.length) throw usage('--group-names has one twice');
}

/**
 * The groups of a table; undefined where none are asked for.
 *
 * @throws CLI_BAD_OPTION, DATA_* of a group file
 */
export async function groupsOf(table: Table, input: GroupInput): Promise<Groups | undefined> {
  const { groupColumn, groupFile, groupNames, groupBounds } = input;
  if (groupColumn === undefined && groupFile === undefined) return undefined;
  const told = groupFile === undefined ? table.groups : await readGroups(groupFile, table.count);
  if (told === undefined) throw usage('only a CSV has a column of groups: name a file of them (--group-file)');
  if (groupBounds !== undefined) {
    const of = told.map((text) => {
      const value = Number(text);
      if (text === '' || !Number.isFinite(value))
        throw usage(`${JSON.stringify(text.slice(0, 40))} is no number to compare with --group-bounds`);
      return groupBounds.filter((bound) => value >= bound).length;
    });
    const names = ['', ...groupBounds].map((_, i) => {
      const [low, high] = [groupBounds[i - 1], groupBounds[i]];
      if (low === undefined) return `below ${high}`;
      return high === undefined ? `${low} and above` : `${low} to below ${high}`;
    });
    return { of, names };
  }
  const names = groupNames ?? [...new Set(told)].sort((a, b) => Number(a) - Number(b) || (a < b ? -1 : 1));
  const of = told.map((text) => {
    const group = names.indexOf(text);
    if (group < 0) throw usage(`${JSON.stringify(text.slice(0, 40))} is none of --group-names`);
    return group;
  });
  return { of, names };
}

async function readGroups(file: string, count: number): Promise<string[]> {
  const { readInputFile } = await import('../framework/readInputFile.ts');
  const { decodeIdx } = await import('../../data/decodeIdx.ts');
  const { decodeNpy } = await import('../../data/npy.ts');
  const bytes = await readInputFile(file);
  const { shape, values } = bytes[0] === 0x93 ? decodeNpy(bytes) : { shape: decodeIdx(bytes).dims, values: decodeIdx(bytes).values };
  if (shape.length !== 1 || values.length !== count) throw usage(`${file} holds ${values.length} groups for ${count} samples`);
  return Array.from(values, String);
}

function usage(message: string): AssayError {
  return new AssayError('CLI_BAD_OPTION', message, { exitCode: exitCodes.usage });
}
