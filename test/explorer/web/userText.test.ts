import { describe, expect, it } from 'vitest';
import { userText } from '../../../src/explorer/web/userText.ts';

const shown = async (text: string): Promise<string> => String(await userText(text));

describe('what strangers wrote', () => {
  it('is escaped', async () => {
    expect(await shown(`<a href="x" onclick='y'>&</a>`)).toBe(
      '<bdi class="user">&lt;a href=&quot;x&quot; onclick=&#39;y&#39;&gt;&amp;&lt;/a&gt;</bdi>',
    );
  });

  it.each([
    ['\u0000', 'U+0000'],
    ['\u202e', 'U+202E'],
    ['\u2066', 'U+2066'],
    ['\u200b', 'U+200B'],
    ['\ud800', 'U+D800'],
    ['\u001b', 'U+001B'],
  ])('shows %j by its number', async (character, name) => {
    expect(await shown(`a${character}b`)).toBe(`<bdi class="user">a<span class="odd">${name}</span>b</bdi>`);
  });

  it('keeps letters of every script', async () => {
    const text = 'naïve 数据 بيانات 𝒜 é';
    expect(await shown(text)).toBe(`<bdi class="user">${text}</bdi>`);
  });

  it('is cut where it is long, and says so', async () => {
    const text = await shown('x'.repeat(5_000));
    expect(text.length).toBeLessThan(500);
    expect(text).toContain('and 4700 more characters');
  });
});
