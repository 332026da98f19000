import { html } from 'hono/html';
import { card } from '../card.ts';
import { facts } from '../facts.ts';
import { idOf } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { number } from '../number.ts';
import type { PageRequest } from '../pageRequest.ts';
import { userText } from '../userText.ts';
import { when } from '../when.ts';

/** A circuit: which statement, which verifier, what it costs. */
export async function circuitPage({ explorer, params }: PageRequest): Promise<Page> {
  const circuit = await explorer.circuit(params['id'] ?? '');
  const { known } = circuit;
  return {
    title: `Circuit ${circuit.id.slice(0, 10)}`,
    heading: circuit.name === null ? 'Circuit' : html`Circuit ${userText(circuit.name)}`,
    lead: html`Proofs of the statement “${circuit.statement}” are verified by the code at these addresses. Anybody may register circuits: only one that this package makes itself has the meaning that its documents give.`,
    content: card(
      'facts',
      'What it is',
      facts([
        ['Id', idOf(circuit.id, 'circuit id')],
        ['Statement', circuit.statement],
        ['Name, given by governance', circuit.name === null ? 'none' : userText(circuit.name)],
        ['Model', idOf(circuit.modelId, 'model id', `/jobs?modelId=${encodeURIComponent(circuit.modelId)}`)],
        ['Ceremony (SRS)', idOf(circuit.srsId, 'SRS id')],
        ['Proof verifier', idOf(circuit.proofVerifier, 'address')],
        ['Statement verifier', idOf(circuit.statementVerifier, 'address')],
        ['Registered', when(circuit.registered)],
        ['Made by this package', known === null ? 'no circuit of this package has its shape' : userText(known.instance)],
        ['Layers', known === null ? undefined : known.sizes.join('-')],
        ['Steps of a window', known === null || known.steps === null ? undefined : number(known.steps)],
        ['Samples', known === null ? undefined : number(known.batch)],
        ['Gates', known === null || known.gates === null ? undefined : number(known.gates)],
        ['Seconds to prove, measured', known === null || known.proveSeconds === null ? undefined : number(known.proveSeconds)],
        ['Bytes of a proof', known === null || known.proofBytes === null ? undefined : number(known.proofBytes)],
      ]),
    ),
  };
}
