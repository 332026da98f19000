/**
 * How far each sample's largest logit is above the next one, as integers of the logits' scale: 0 for a tie.
 *
 * @param logits samples x classes, sample by sample; at least two classes
 */
export function answerMargins(logits: ArrayLike<number>, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, s) => {
    const [first, second] = Array.from({ length: classes }, (_, j) => logits[s * classes + j] as number).sort((x, y) => y - x);
    return (first as number) - (second ?? (first as number));
  });
}
