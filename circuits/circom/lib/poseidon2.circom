pragma circom 2.2.2;

include "poseidon2Constants.circom";

// Poseidon2, width 4, and its sponge (docs/reference/encodings.md, "Poseidon2 sponge"): what Noir and src/commitment/poseidon2.ts compute.

// out = in^5. Cost: 3 constraints.
template FifthPower() {
  signal input in;
  signal output out;

  signal square <== in * in;
  signal fourth <== square * square;
  out <== fourth * in;
}

// The permutation. The state between S-boxes is a linear expression: only S-boxes cost. Cost: 264 constraints.
template Poseidon2Permutation() {
  signal input in[4];
  signal output out[4];

  var full[32] = POSEIDON2_FULL();
  var partial[56] = POSEIDON2_PARTIAL();
  var diagonal[4] = POSEIDON2_DIAGONAL();
  component box[8][4];
  component inner[56];

  // Every full round ends in this matrix, and so does the permutation's start.
  var external[4][4] = [[5, 7, 1, 3], [4, 6, 1, 1], [1, 3, 5, 7], [1, 1, 4, 6]];
  var state[4];
  for (var i = 0; i < 4; i++) {
    state[i] = 0;
    for (var j = 0; j < 4; j++) {
      state[i] += external[i][j] * in[j];
    }
  }

  for (var round = 0; round < 8; round++) {
    if (round == 4) {
      for (var r = 0; r < 56; r++) {
        inner[r] = FifthPower();
        inner[r].in <== state[0] + partial[r];
        var sum = inner[r].out + state[1] + state[2] + state[3];
        state[0] = sum + diagonal[0] * inner[r].out;
        for (var i = 1; i < 4; i++) {
          state[i] = sum + diagonal[i] * state[i];
        }
      }
    }
    for (var i = 0; i < 4; i++) {
      box[round][i] = FifthPower();
      box[round][i].in <== state[i] + full[4 * round + i];
    }
    for (var i = 0; i < 4; i++) {
      state[i] = 0;
      for (var j = 0; j < 4; j++) {
        state[i] += external[i][j] * box[round][j].out;
      }
    }
  }

  for (var i = 0; i < 4; i++) {
    out[i] <== state[i];
  }
}

// H(tag; in). Rate 3; tag and length stand in the capacity.
template Sponge(tag, n) {
  assert(n >= 1);
  signal input in[n];
  signal output out;

  var groups = (n + 2) \ 3;
  component round[groups];
  for (var g = 0; g < groups; g++) {
    round[g] = Poseidon2Permutation();
    for (var j = 0; j < 4; j++) {
      var carried;
      if (g == 0) {
        carried = j == 3 ? tag * 2 ** 64 + n : 0;
      } else {
        carried = round[g - 1].out[j];
      }
      if (j < 3 && 3 * g + j < n) {
        carried += in[3 * g + j];
      }
      round[g].in[j] <== carried;
    }
  }
  out <== round[groups - 1].out[0];
  // The rest of the last state is nobody's.
  _ <== round[groups - 1].out[1];
  _ <== round[groups - 1].out[2];
  _ <== round[groups - 1].out[3];
}
