import pc from 'picocolors';
import { formatGwei } from 'viem';
import type { Emit, RoleEvent } from '../../node/roleEvent.ts';
import { showTokens } from './amounts.ts';
import type { CommandContext } from './command.ts';
import { toJson } from './output.ts';

const short = (id: string): string => (id.length > 14 ? `${id.slice(0, 8)}..${id.slice(-4)}` : id);
const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** An event in a sentence. */
function describeEvent(event: RoleEvent): string {
  switch (event.event) {
    case 'listening':
      return `listening on ${event.addresses.join(', ')}`;
    case 'registered':
      return `registered hot key ${event.hotKey} of operator ${event.operator} (registration ${event.registrationNonce})`;
    case 'staked':
      return `${event.operator} has staked ${showTokens(event.amount)} more`;
    case 'preparing':
      return `preparing: ${event.what}`;
    case 'jobOpened':
      return `job ${event.jobId} is open: ${event.windows} windows, requester ${event.requester}`;
    case 'inputsAdded':
      return `job ${event.jobId} has its ${event.inputs} inputs`;
    case 'seedCaptured':
      return `drew the batch seed of job ${event.jobId}`;
    case 'leased':
      return `leased window ${event.windowIndex} of job ${event.jobId}`;
    case 'proved': {
      const { windowIndex, gates, lossSum, witnessSeconds, proofSeconds, openingSeconds } = event;
      const times = `witness ${seconds(witnessSeconds)}, proof ${seconds(proofSeconds)}, opening ${seconds(openingSeconds)}`;
      return `proved window ${windowIndex}: ${gates} gates, ${times}; loss ${lossSum}`;
    }
    case 'answered': {
      const { windowIndex, system, witnessSeconds, proofSeconds, openingSeconds } = event;
      const times = `witness ${seconds(witnessSeconds)}, proof ${seconds(proofSeconds)}, opening ${seconds(openingSeconds)}`;
      return `proved answer ${windowIndex} by ${system}: ${times}`;
    }
    case 'announced':
      return `announced window ${event.windowIndex} to ${event.listeners} neighbours`;
    case 'attested':
      return `${short(event.validator)} says of ${short(event.submissionId)}: ${event.verdict}`;
    case 'submitted':
      return `window ${event.windowIndex} is verified on chain, for ${event.gas} gas (${short(event.transactionHash)})`;
    case 'replaced':
      return `offered ${formatGwei(BigInt(event.maxFeePerGas))} gwei for gas: transaction ${event.nonce} waits for a block (${short(event.transactionHash)})`;
    case 'finalized':
      return `made windows of job ${event.jobId} final, from ${event.fromWindow} on`;
    case 'merged':
      return `merged the contributions to window ${event.windowIndex} of job ${event.jobId}`;
    case 'demanded':
      return `demanded the proof of ${short(event.submissionId)}, which nobody shows (${short(event.transactionHash)})`;
    case 'posted':
      return `posted the proof of ${short(event.submissionId)}, which was demanded (${short(event.transactionHash)})`;
    case 'seat':
      return `${event.step} seat ${event.seat} of ${short(event.submissionId)}`;
    case 'paid':
      return `window ${event.windowIndex} of job ${event.jobId} is final and paid`;
    case 'abandoned':
      return `gave up ${short(event.submissionId)}: ${event.reason}`;
    case 'slashed':
      return `slashed ${event.operator} by ${showTokens(event.amount)}: ${event.reason}`;
    case 'collected':
      return `collected ${showTokens(event.amount)} that ${event.operator} still owed for ${short(event.submissionId)}`;
    case 'claimed':
      return `paid ${showTokens(event.amount)} to ${event.account}`;
    case 'jobEnded':
      return `job ${event.jobId} is ${event.state}, with ${event.finalized} windows`;
    case 'warning':
      return `${pc.yellow('warning')} ${event.code}: ${event.message}`;
  }
}

/** Writes a role's events to stderr: with `--json` one JSON line each, otherwise a sentence with the time since the start. */
export function reportRole({ json, progress }: Pick<CommandContext, 'json' | 'progress'>): Emit {
  const start = performance.now();
  return (event) => {
    if (json) process.stderr.write(`${toJson(event)}\n`);
    else progress.note(`${pc.dim(seconds((performance.now() - start) / 1000).padStart(9))}  ${describeEvent(event)}`);
  };
}
