/** What is to be said of a proof under the dev ceremony. */
export function devNote(ceremony: 'dev' | 'public'): string[] {
  return ceremony === 'dev' ? ['The secret of the dev ceremony is published: this convinces nobody outside of a devnet.'] : [];
}
