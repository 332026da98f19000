import { z } from 'zod';

/** `low:high` of raw values, or `columns`: each column's own. */
export const rangeOption = z
  .string()
  .transform((text, ctx): 'columns' | readonly [low: number, high: number] => {
    if (text === 'columns') return 'columns';
    const [low, high] = text.split(':').map(Number);
    if (low !== undefined && high !== undefined && low < high) return [low, high];
    ctx.addIssue('expected low:high or columns');
    return z.NEVER;
  })
  .optional();

/** `height x width : factor`: squares of images to average. */
export const poolOption = z
  .string()
  .transform((text, ctx): { readonly height: number; readonly width: number; readonly factor: number } => {
    const parts = /^(\d+)x(\d+):(\d+)$/.exec(text);
    if (parts !== null) return { height: Number(parts[1]), width: Number(parts[2]), factor: Number(parts[3]) };
    ctx.addIssue('expected height x width : factor, as 28x28:2');
    return z.NEVER;
  })
  .optional();
