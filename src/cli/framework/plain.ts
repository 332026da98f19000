/** Characters that are not there to be read: controls (escape sequences begin with one), marks that turn the direction of text, spaces of no width, halves of pairs. */
const odd = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/gu;

const asNumber = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** A text of unknown origin, as it may stand on a terminal: what would command it, or would not be seen, is shown by its number. */
export function plain(text: string): string {
  return text.replace(odd, asNumber);
}

/** All strings within a value of plain data, made plain; their keys, too. */
export function plainData<T>(value: T): T {
  if (typeof value === 'string') return plain(value) as T;
  if (Array.isArray(value)) return value.map(plainData) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [plain(name), plainData(item)])) as T;
}

/** Lines for a terminal, whose colours are the program's own: whatever else would command it is shown by its number. */
export function plainLines(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  const kept = /(\u001b\[[0-9;]*m|\n|\t)/;
  return text
    .split(kept)
    .map((part, i) => (i % 2 === 1 ? part : plain(part)))
    .join('');
}
