pragma circom 2.2.2;

// Sketches of weights (docs/reference/encodings.md, "Transcript" and "inference"): y = W v with v_j = b^j. A matrix product is checked by
// Freivalds with v, so weights never appear: z v = a y.

// sum_j in[j] at^j. Cost: n - 1 constraints.
template Evaluate(n) {
  signal input in[n];
  signal input at;
  signal output out;

  signal sum[n];
  sum[n - 1] <== in[n - 1];
  for (var j = n - 2; j >= 0; j--) {
    sum[j] <== sum[j + 1] * at + in[j];
  }
  out <== sum[0];
}

// Asserts that z is what a layer of n inputs a and m neurons computes: sum_j z[j] b^j = sum_i a[i] y[i] + bias y[n].
// in = z + 2^(zBits - 1). Cost: n + m constraints.
template AssertProduct(n, m, zBits, bias) {
  signal input in[m];
  signal input a[n];
  signal input y[n + 1];
  signal input b;

  signal z[m];
  for (var j = 0; j < m; j++) {
    z[j] <== in[j] - 2 ** (zBits - 1);
  }
  signal product <== Evaluate(m)(z, b);
  signal sum[n + 1];
  sum[0] <== bias * y[n];
  for (var i = 0; i < n; i++) {
    sum[i + 1] <== sum[i] + a[i] * y[i];
  }
  product === sum[n];
}

// out = in^65536: powers of a that separate one claim from the next. Cost: 16 constraints.
template Separator() {
  signal input in;
  signal output out;

  signal power[17];
  power[0] <== in;
  for (var i = 0; i < 16; i++) {
    power[i + 1] <== power[i] * power[i];
  }
  out <== power[16];
}
