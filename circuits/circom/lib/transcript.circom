pragma circom 2.2.2;

include "circomlib/circuits/poseidon.circom";

// G(tag; in): the transcript that a circom circuit draws its challenges from (docs/reference/encodings.md, "The circom transcript").
// circomlib's Poseidon(16) chained over groups of 15. Cost: 609 constraints for every 15 items.
template Transcript(tag, n) {
  assert(n >= 1);
  signal input in[n];
  signal output out;

  var groups = (n + 14) \ 15;
  component round[groups];
  for (var g = 0; g < groups; g++) {
    round[g] = Poseidon(16);
    if (g == 0) {
      round[g].inputs[0] <== tag * 2 ** 64 + n;
    } else {
      round[g].inputs[0] <== round[g - 1].out;
    }
    for (var j = 0; j < 15; j++) {
      if (15 * g + j < n) {
        round[g].inputs[1 + j] <== in[15 * g + j];
      } else {
        round[g].inputs[1 + j] <== 0;
      }
    }
  }
  out <== round[groups - 1].out;
}
