import type { Minibatch } from '../data/minibatch.ts';

/** What an engine returns for one step. */
export type StepResult = {
  readonly weights: Int32Array[];
  /** Sum of e^2 over the minibatch. */
  readonly loss: number;
};

/** Something that computes exact integer SGD steps; all engines give the same integers. */
export type Engine = {
  step(weights: readonly Int32Array[], batch: Pick<Minibatch, 'features' | 'labels'>): Promise<StepResult>;
  close(): Promise<void>;
};
