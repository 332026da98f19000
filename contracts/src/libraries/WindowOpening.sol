// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";
import {Opening} from "./Opening.sol";
import {WindowShape} from "./WindowShape.sol";

/// @title The opening of a training window
/// @notice That the committed parent, child and mask have the sketches whose combination is E, and that an open child holds nothing else.
library WindowOpening {
    uint256 private constant R = Bn254.R;

    /// @notice True where the opening's points are those of the statement and hold what it claims. False for malformed input.
    /// @param verifier the address that the opening is bound to
    function verify(
        WindowShape.Shape memory shape,
        address verifier,
        bytes32 circuitId,
        bool open,
        uint256[] calldata statement,
        bytes calldata opening
    ) internal view returns (bool) {
        if (statement.length != WindowShape.STATEMENT_WORDS || opening.length != WindowShape.openingBytes(shape)) return false;
        // Words: b, a, E | parent | child | mask, S1, S2, ePure | s2, pi1, pi2, pi3.
        uint256 points = 64 * shape.model.blocks;
        uint256 mask = Opening.POINTS + 2 * points;
        if (!Opening.inField(statement, opening)) return false;
        if (Opening.word(opening, mask + 192) >= R || Opening.word(opening, mask + 224) >= R) return false;

        bytes32 modelId = shape.model.modelId;
        if (!Opening.isCheckpoint(statement[1], modelId, opening[Opening.POINTS:Opening.POINTS + points])) return false;
        if (!Opening.isCheckpoint(statement[2], modelId, opening[Opening.POINTS + points:mask])) return false;
        if (!Opening.isMask(statement[3], opening[mask:mask + 64])) return false;
        (uint256 z, uint256 kappa) = Opening.draw(verifier, circuitId, open, statement, opening, mask + 224);
        return check(shape, open, opening, z, kappa);
    }

    /// @notice The algebra of an opening of the right length with scalars below R, for given challenges. Sound only where they are drawn
    /// as `verify` draws them.
    function check(WindowShape.Shape memory shape, bool open, bytes calldata opening, uint256 z, uint256 kappa)
        internal
        view
        returns (bool)
    {
        uint256 blocks = shape.model.blocks;
        Opening.requireGas(2 * blocks + 10, 2, shape.model.sizes.length * 20_000);
        Powers memory powers;
        Opening.Challenges memory ch = Opening.challenges(opening, z, kappa);
        powers.kappa2 = mulmod(kappa, kappa, R);
        powers.open = open;
        Opening.Layer[] memory layers = new Opening.Layer[](shape.model.sizes.length - 1);
        if (!Opening.prepare(shape.model, ch, layers, true, open)) return false;
        _factors(blocks, ch, powers, layers);
        return _pairing(ch, powers, opening, shape.model.tau);
    }

    /// @dev Powers of rho of the next claims, and what only open weights need.
    struct Powers {
        bool open;
        uint256 kappa2;
        uint256 parent;
        uint256 child;
        uint256 u;
        uint256 pure_;
    }

    /// @dev Kernels at 1/z of one block, without the coefficients.
    struct Kernels {
        uint256 y;
        uint256 u;
        uint256 evaluation;
    }

    /// @dev Factor of every commitment in F: the kernels at 1/z, and kappa^2 rho^(T + index) on an open child.
    function _factors(uint256 blocks, Opening.Challenges memory ch, Powers memory powers, Opening.Layer[] memory layers) private pure {
        ch.factors = new uint256[](2 * blocks + 1);
        uint256 count = layers.length;
        uint256 rho = ch.rho;
        powers.parent = 1;
        powers.child = Bn254.pow(rho, count);
        powers.u = mulmod(powers.child, powers.child, R);
        // 3 count claims come before the pure ones.
        powers.pure_ = mulmod(powers.u, powers.child, R);
        uint256 index = 0;
        // No sum overflows: field elements are below 2^254, counts below 2^17.
        unchecked {
            for (uint256 l = 0; l < count; ++l) {
                _layerFactors(ch, powers, layers[l], l != 0, index, blocks);
                index += layers[l].fullBlocks + 1;
                powers.parent = mulmod(powers.parent, rho, R);
                powers.child = mulmod(powers.child, rho, R);
                if (l != 0) powers.u = mulmod(powers.u, rho, R);
            }
            // The power of u has become rho^(3 count - 1): the mask's claim.
            ch.factors[2 * blocks] = mulmod(ch.maskKernel, powers.u, R);
        }
    }

    function _layerFactors(
        Opening.Challenges memory ch,
        Powers memory powers,
        Opening.Layer memory layer,
        bool hasU,
        uint256 first,
        uint256 blocks
    ) private pure {
        unchecked {
            // a^firstRow and b^firstRow of a block, and their ratios from block to block.
            uint256 positionA = 1;
            uint256 positionB = hasU ? 1 : 0;
            uint256 stepA = layer.fullBlocks == 0 ? 0 : Bn254.pow(ch.a, layer.rowsPerBlock);
            uint256 stepB = layer.fullBlocks == 0 || !hasU ? 0 : Bn254.pow(ch.b, layer.rowsPerBlock);
            Kernels memory kernels;
            for (uint256 k = 0; k <= layer.fullBlocks; ++k) {
                // All full blocks have the same kernels.
                if (k == 0 || k == layer.fullBlocks) _kernels(ch, powers.open, layer, hasU, k == layer.fullBlocks, kernels);
                _blockFactors(ch, powers, kernels, positionA, positionB, first + k, blocks);
                positionA = mulmod(positionA, stepA, R);
                positionB = mulmod(positionB, stepB, R);
            }
        }
    }

    /// @param positionU b^firstRow; 0 where the layer has no u claim
    function _blockFactors(
        Opening.Challenges memory ch,
        Powers memory powers,
        Kernels memory kernels,
        uint256 positionY,
        uint256 positionU,
        uint256 index,
        uint256 blocks
    ) private pure {
        unchecked {
            uint256 y = mulmod(kernels.y, positionY, R);
            uint256 u = mulmod(kernels.u, positionU, R);
            ch.factors[index] = addmod(mulmod(y, powers.parent, R), mulmod(u, powers.u, R), R);
            uint256 child = mulmod(y, powers.child, R);
            if (powers.open) {
                child = addmod(child, mulmod(powers.pure_, addmod(kernels.evaluation, powers.kappa2, R), R), R);
                powers.pure_ = mulmod(powers.pure_, ch.rho, R);
            }
            ch.factors[blocks + index] = child;
        }
    }

    function _kernels(Opening.Challenges memory ch, bool open, Opening.Layer memory layer, bool hasU, bool last, Kernels memory kernels)
        private
        pure
    {
        unchecked {
            uint256 rows = last ? layer.lastRows : layer.rowsPerBlock;
            kernels.y = Opening.yKernel(layer, last);
            if (hasU) {
                // The bias row, the last of the last block, is no input.
                uint256 inputRows = last ? rows - 1 : rows;
                kernels.u = mulmod(mulmod(Bn254.pow(layer.outerU, inputRows) + R - 1, layer.inverseU, R), layer.innerA, R);
            }
            // Row ratio b^m and column ratio b make one sum of powers of b/z.
            if (open) kernels.evaluation = mulmod(Bn254.pow(layer.outerPure, rows) + R - 1, ch.inverseB, R);
        }
    }

    /// @dev e(F, [1]) = e(pi1 + kappa pi2 + kappa^2 pi3, [tau]).
    function _pairing(Opening.Challenges memory ch, Powers memory powers, bytes calldata opening, uint256[4] memory tau)
        private
        view
        returns (bool)
    {
        unchecked {
            // S1, S2, ePure, s2, pi1, pi2, pi3 begin here.
            uint256 tail = Opening.POINTS + 64 * ch.factors.length;
            uint256 pureClaim = Opening.word(opening, tail + 128);
            if (!powers.open && (pureClaim | Opening.word(opening, tail + 320) | Opening.word(opening, tail + 352)) != 0) return false;
            (uint256 left, uint256 right, uint256 scalar) = Opening.sides(ch, opening, tail + 160, 1);
            if (powers.open) {
                uint256 pi3 = Opening.offsetOf(opening) + tail + 320;
                Bn254.addCalldata(left, pi3, mulmod(powers.kappa2, ch.b, R));
                Bn254.addCalldata(right, pi3, powers.kappa2);
                scalar = addmod(scalar, mulmod(pureClaim, powers.kappa2 + 1, R), R);
            }
            Bn254.addGenerator(left, R - scalar);
            return Bn254.pairingHolds(left, right, tau);
        }
    }
}
