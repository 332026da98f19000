// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";
import {InferenceShape} from "./InferenceShape.sol";
import {ModelShape} from "./ModelShape.sol";
import {Opening} from "./Opening.sol";

/// @title The opening of an inference
/// @notice That the committed checkpoint and mask have the sketches whose combination is E.
library InferenceOpening {
    uint256 private constant R = Bn254.R;

    /// @dev Terms beside one for each block: mask, S1, S2, pi1, pi2, generator on the left, pi1 and pi2 on the right.
    uint256 internal constant TERMS = 8;

    /// @notice True where the opening's points are those of the statement and hold what it claims. False for malformed input.
    /// @param verifier the address that the opening is bound to
    function verify(
        InferenceShape.Shape memory shape,
        address verifier,
        bytes32 circuitId,
        uint256[] calldata statement,
        bytes calldata opening
    ) internal view returns (bool) {
        (bool ok, uint256 z, uint256 kappa) = read(shape, verifier, circuitId, statement, opening);
        return ok && check(shape, opening, z, kappa);
    }

    /// @notice Lengths, ranges and ids, and the challenges of an opening that has them right.
    function read(
        InferenceShape.Shape memory shape,
        address verifier,
        bytes32 circuitId,
        uint256[] calldata statement,
        bytes calldata opening
    ) internal view returns (bool ok, uint256 z, uint256 kappa) {
        if (statement.length != InferenceShape.statementWords(shape)) return (false, 0, 0);
        if (opening.length != InferenceShape.openingBytes(shape)) return (false, 0, 0);
        // Words: b, a, E | checkpoint | mask, S1, S2 | s2, pi1, pi2.
        uint256 mask = Opening.POINTS + 64 * shape.model.blocks;
        if (!Opening.inField(statement, opening) || Opening.word(opening, mask + 192) >= R) return (false, 0, 0);
        if (!Opening.isCheckpoint(statement[1], shape.model.modelId, opening[Opening.POINTS:mask])) return (false, 0, 0);
        if (!Opening.isMask(statement[2], opening[mask:mask + 64])) return (false, 0, 0);
        (z, kappa) = Opening.draw(verifier, circuitId, false, statement, opening, mask + 192);
        ok = true;
    }

    /// @notice The algebra of an opening of the right length with scalars below R, for given challenges. Sound only where they are drawn
    /// as `read` draws them.
    function check(InferenceShape.Shape memory shape, bytes calldata opening, uint256 z, uint256 kappa) internal view returns (bool) {
        Opening.requireGas(shape.model.blocks + TERMS, 2, shape.model.sizes.length * 20_000);
        (bool ok, uint256 left, uint256 right) = sides(shape, opening, z, kappa, 1);
        return ok && Bn254.pairingHolds(left, right, shape.model.tau);
    }

    /// @notice `scale` times both sides of the opening's equation e(left, [1]) = e(right, [tau]). The caller has made sure of the gas.
    /// @return ok false where a challenge or a denominator is zero
    function sides(InferenceShape.Shape memory shape, bytes calldata opening, uint256 z, uint256 kappa, uint256 scale)
        internal
        view
        returns (bool ok, uint256 left, uint256 right)
    {
        ModelShape.Shape memory model = shape.model;
        Opening.Challenges memory ch = Opening.challenges(opening, z, kappa);
        Opening.Layer[] memory layers = new Opening.Layer[](model.sizes.length - 1);
        if (!Opening.prepare(model, ch, layers, false, false)) return (false, 0, 0);
        _factors(model.blocks, ch, layers);
        (left, right) = Opening.wholeSides(ch, opening, scale);
        ok = true;
    }

    /// @dev rho^layer a^firstRow times the kernel on every block, rho^L on the mask.
    function _factors(uint256 blocks, Opening.Challenges memory ch, Opening.Layer[] memory layers) private pure {
        // No sum overflows: counts are below 2^17.
        unchecked {
            uint256[] memory factors = new uint256[](blocks + 1);
            ch.factors = factors;
            uint256 power = 1;
            uint256 index = 0;
            for (uint256 l = 0; l < layers.length; ++l) {
                Opening.Layer memory layer = layers[l];
                uint256 full = layer.fullBlocks;
                uint256 step = full == 0 ? 0 : Bn254.pow(ch.a, layer.rowsPerBlock);
                // rho^layer a^firstRow.
                uint256 position = power;
                uint256 kernel = 0;
                for (uint256 k = 0; k <= full; ++k) {
                    // All full blocks have the same kernel.
                    if (k == 0 || k == full) kernel = Opening.yKernel(layer, k == full);
                    factors[index] = mulmod(kernel, position, R);
                    position = mulmod(position, step, R);
                    ++index;
                }
                power = mulmod(power, ch.rho, R);
            }
            factors[index] = mulmod(ch.maskKernel, power, R);
        }
    }
}
