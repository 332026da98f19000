/** A refused action; `name` is that of the contract's custom error. */
export class Refusal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Ends the action: it changes nothing. */
export function refuse(name: string): never {
  // Not an error of the program, and a stack for each would cost most of a trace's time.
  throw new Refusal(name);
}
