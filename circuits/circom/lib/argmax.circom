pragma circom 2.2.2;

include "packing.circom";

// Index of the first largest of n values that the caller has proved to be in [0, 2^k). Cost: k + 2 constraints a value.
template Argmax(n, k) {
  assert(k <= 249);
  signal input in[n];
  signal output out;

  var best = 0;
  for (var j = 1; j < n; j++) {
    best = in[j] > in[best] ? j : best;
  }

  signal hot[n];
  var sum = 0;
  var index = 0;
  for (var j = 0; j < n; j++) {
    hot[j] <-- j == best ? 1 : 0;
    hot[j] * (hot[j] - 1) === 0;
    sum += hot[j];
    index += j * hot[j];
  }
  sum === 1;

  signal largest;
  largest <-- in[best];
  for (var j = 0; j < n; j++) {
    hot[j] * (largest - in[j]) === 0;
  }

  // None is larger, and those before the index are smaller: `later` is 1 for them.
  signal gap[n][k];
  var later = 1;
  for (var j = 0; j < n; j++) {
    later -= hot[j];
    gap[j] <== Bits(k)(largest - in[j] - later);
  }
  out <== index;
}
