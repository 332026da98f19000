pragma circom 2.2.2;

// Elements that n values of w bits pack into: as many as fit 252 bits each.
function packedLength(n, w) {
  var each = 252 \ w;
  return (n + each - 1) \ each;
}

// Bits of `in`, lowest first; proves 0 <= in < 2^k. A bound near the field's order would let in + p through: k stays far below it.
// Cost: k constraints.
template Bits(k) {
  assert(k >= 1);
  assert(k <= 250);
  signal input in;
  signal output out[k];

  var sum = 0;
  for (var i = 0; i < k; i++) {
    out[i] <-- (in >> i) & 1;
    out[i] * (out[i] - 1) === 0;
    sum += out[i] * 2 ** i;
  }
  sum === in;
}

// Injective packing of n values that the caller has proved to be in [0, 2^w) (docs/reference/encodings.md, "Packing"). Cost: none.
template Pack(n, w) {
  assert(w >= 1);
  assert(w <= 250);
  signal input in[n];
  signal output out[packedLength(n, w)];

  var each = 252 \ w;
  for (var f = 0; f < packedLength(n, w); f++) {
    var sum = 0;
    for (var k = 0; k < each; k++) {
      if (f * each + k < n) {
        sum += in[f * each + k] * 2 ** (k * w);
      }
    }
    out[f] <== sum;
  }
}
