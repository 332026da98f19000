// Words and bytes that are almost the right ones.

/** The same hex with another digit at a place. */
export const flip = (hex: string, at: number): string => hex.slice(0, at) + (hex[at] === '0' ? '1' : '0') + hex.slice(at + 1);

/** The next word. */
export const plusOne = (hex: string): string => `0x${(BigInt(hex) + 1n).toString(16).padStart(64, '0')}`;
