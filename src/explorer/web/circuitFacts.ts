import { html } from 'hono/html';
import type { CircuitView } from '../views.ts';
import type { Html } from './html.ts';
import { idOf } from './idOf.ts';
import { number } from './number.ts';
import { paths } from './paths.ts';
import { userText } from './userText.ts';

/** A circuit in a line: its name where it has one, and what it is made for. */
export function circuitLine(circuit: CircuitView): Html {
  const { known } = circuit;
  return html`${idOf(circuit.id, 'circuit id', paths.circuit(circuit.id))}${circuit.name === null ? '' : html` ${userText(circuit.name)}`}${known === null ? '' : html`, ${known.sizes.join('-')}${known.gates === null ? '' : `, ${number(known.gates)} gates`}`}`;
}
