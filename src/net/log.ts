/** The part of a pino logger that the network uses. */
export type NetLog = {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
};

/** Says nothing. */
export const silentLog: NetLog = { debug() {}, info() {}, warn() {} };
