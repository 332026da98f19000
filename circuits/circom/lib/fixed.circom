pragma circom 2.2.2;

include "packing.circom";

// out = clip(floor(z / 2^fw), 0, 2^actBits - 1) for z = in - 2^(zBits - 1), and in is proved to be in [0, 2^zBits).
//
// From one decomposition: remainder, floor and sign are bits of in. With f = floor(z / 2^fw), low = f mod 2^actBits and high = floor(f / 2^actBits):
// f is inside exactly where high = 0, below where high < 0 (top bit 0), above where high > 0 (top bit 1).
// Cost: zBits + 2 constraints.
template Activation(zBits, fw, actBits) {
  assert(zBits <= 250);
  signal input in;
  signal output out;

  signal bit[zBits] <== Bits(zBits)(in);
  var top = zBits - 1;
  var cut = fw + actBits < top ? fw + actBits : top;
  var low = 0;
  for (var i = fw; i < cut; i++) {
    low += bit[i] * 2 ** (i - fw);
  }
  var high = -(2 ** (top - cut)) * (1 - bit[top]);
  for (var i = cut; i < top; i++) {
    high += bit[i] * 2 ** (i - cut);
  }
  var edge = (2 ** actBits - 1) * bit[top];

  // high = 0: out = low by the first; otherwise out = edge by the second, and then `ratio` is what the first makes of it.
  signal ratio;
  out <-- high == 0 ? low : edge;
  ratio <-- high == 0 ? 0 : (out - low) / high;
  high * ratio === out - low;
  high * (out - edge) === 0;
}

// A hidden layer: activations, and in = z + 2^(zBits - 1) proved to be in range and packed.
template HiddenLayer(m, zBits, fw, actBits) {
  signal input in[m];
  signal output out[m];
  signal output packed[packedLength(m, zBits)];

  for (var j = 0; j < m; j++) {
    out[j] <== Activation(zBits, fw, actBits)(in[j]);
  }
  packed <== Pack(m, zBits)(in);
}

// Logits: in = z + 2^(zBits - 1) proved to be in range, and packed.
template OutputLayer(m, zBits) {
  signal input in[m];
  signal output packed[packedLength(m, zBits)];

  signal bit[m][zBits];
  for (var j = 0; j < m; j++) {
    bit[j] <== Bits(zBits)(in[j]);
  }
  packed <== Pack(m, zBits)(in);
}
