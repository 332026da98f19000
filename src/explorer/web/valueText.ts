import type { JsonValue } from '../views.ts';
import type { Html } from './html.ts';
import { idOf } from './idOf.ts';
import { userText } from './userText.ts';

/** A value as events and calls carry it: an id short, anything else as somebody wrote it. */
export function valueText(value: JsonValue): Html {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^0x[0-9a-f]{8,256}$/i.test(text) ? idOf(text, 'value') : userText(text);
}
