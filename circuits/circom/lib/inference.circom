pragma circom 2.2.2;

include "argmax.circom";
include "fixed.circom";
include "packing.circom";
include "poseidon2.circom";
include "sketch.circom";
include "transcript.circom";

// inputId = H(7; pack(features, fx), salt); features are proved to be in [0, 2^fx). Cost: fx constraints a feature and the hash.
template InputId(n, fx) {
  signal input features[n];
  signal input salt;
  signal output out;

  signal bit[n][fx];
  for (var i = 0; i < n; i++) {
    bit[i] <== Bits(fx)(features[i]);
  }
  signal packed[packedLength(n, fx)] <== Pack(n, fx)(features);
  signal items[packedLength(n, fx) + 1];
  for (var f = 0; f < packedLength(n, fx); f++) {
    items[f] <== packed[f];
  }
  items[packedLength(n, fx)] <== salt;
  out <== Sponge(7, packedLength(n, fx) + 1)(items);
}
