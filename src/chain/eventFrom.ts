import { type Abi, type ContractEventName, type GetEventArgs, parseEventLogs, type TransactionReceipt } from 'viem';
import { AssayError } from '../errors.ts';

/** Decoded arguments of an event, all of them present. */
export type EventArgs<abi extends Abi | readonly unknown[], name extends string> = GetEventArgs<
  abi,
  name,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>;

/** Arguments of the first event `eventName` in a receipt. Throws CHAIN_EVENT_MISSING. */
export function eventFrom<const abi extends Abi, name extends ContractEventName<abi>>(
  receipt: TransactionReceipt,
  abi: abi,
  eventName: name,
): EventArgs<abi, name> {
  const [found] = parseEventLogs({ abi, eventName, logs: receipt.logs } as never) as { args: unknown }[];
  if (found === undefined) throw new AssayError('CHAIN_EVENT_MISSING', `transaction ${receipt.transactionHash} has no ${eventName} event`);
  return found.args as EventArgs<abi, name>;
}
