// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../interfaces/IStatementVerifier.sol";
import {Bn254} from "./Bn254.sol";
import {WindowShape} from "./WindowShape.sol";

/// @title The opening of a training window
/// @notice That the committed parent, child and mask have the sketches whose combination is E: docs/reference/encodings.md, Opening, and
/// docs/security/openings.md. It says nothing about b, a and E themselves: the UltraHonk proof does.
library Opening {
    uint256 private constant R = Bn254.R;
    bytes32 private constant CHECKPOINT_TAG = keccak256("assay.ckpt.v1");
    bytes32 private constant MASK_TAG = keccak256("assay.mask.v1");
    bytes32 private constant Z_TAG = keccak256("assay.opening.z.v1");
    bytes32 private constant KAPPA_TAG = keccak256("assay.opening.k.v1");

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
        if (statement.length != 8 || opening.length != WindowShape.openingBytes(shape)) return false;
        // Words: b, a, E | parent | child | mask, S1, S2, ePure | s2, pi1, pi2, pi3.
        uint256 points = 64 * shape.model.blocks;
        uint256 mask = 96 + 2 * points;
        for (uint256 i = 0; i < 8; ++i) {
            if (statement[i] >= R) return false;
        }
        if (_word(opening, 0) >= R || _word(opening, 32) >= R || _word(opening, 64) >= R) return false;
        if (_word(opening, mask + 192) >= R || _word(opening, mask + 224) >= R) return false;

        bytes32 modelId = shape.model.modelId;
        if (uint256(keccak256(abi.encodePacked(CHECKPOINT_TAG, modelId, opening[96:96 + points]))) % R != statement[1]) return false;
        if (uint256(keccak256(abi.encodePacked(CHECKPOINT_TAG, modelId, opening[96 + points:mask]))) % R != statement[2]) return false;
        if (uint256(keccak256(abi.encodePacked(MASK_TAG, opening[mask:mask + 64]))) % R != statement[3]) return false;

        bytes32 domain = bytes32(uint256(uint160(verifier)));
        uint256 z = uint256(
            keccak256(
                abi.encodePacked(Z_TAG, block.chainid, domain, circuitId, uint256(open ? 1 : 0), statement, opening[:mask + 224])
            )
        ) % R;
        uint256 kappa = uint256(keccak256(abi.encodePacked(KAPPA_TAG, z, opening[mask + 224:]))) % R;
        return check(shape, open, opening, z, kappa);
    }

    /// @notice The algebra of an opening of the right length with scalars below R, for given challenges. Sound only where they are drawn
    /// as `verify` draws them.
    function check(WindowShape.Shape memory shape, bool open, bytes calldata opening, uint256 z, uint256 kappa)
        internal
        view
        returns (bool)
    {
        uint256 needed = Bn254.floor(2 * shape.model.blocks + 10) + Bn254.MODEXP_GAS + shape.model.sizes.length * 20_000;
        if (gasleft() < needed) revert IStatementVerifier.InsufficientGas(gasleft(), needed);
        Challenges memory ch;
        ch.open = open;
        ch.b = _word(opening, 0);
        ch.a = _word(opening, 32);
        ch.z = z;
        ch.kappa = kappa;
        ch.kappa2 = mulmod(kappa, kappa, R);
        Layer[] memory layers = new Layer[](shape.model.sizes.length - 1);
        if (!_layers(shape, ch, layers)) return false;
        _factors(shape, ch, layers);
        return _pairing(ch, opening, shape.model.tau);
    }

    /// @dev Where the polynomials are looked at, and what all layers share.
    struct Challenges {
        bool open;
        uint256 b;
        uint256 a;
        uint256 z;
        uint256 zInverse;
        uint256 kappa;
        uint256 kappa2;
        /// @dev 1 / (b/z - 1).
        uint256 inverseB;
        /// @dev The mask's kernel at 1/z.
        uint256 maskKernel;
        /// @dev Powers of rho of the next claims: parent y, child y, parent u, pure.
        uint256 parentPower;
        uint256 childPower;
        uint256 uPower;
        uint256 purePower;
        uint256 rho;
        /// @dev One factor for each parent block, child block and the mask.
        uint256[] factors;
    }

    /// @dev Everything about one layer that its blocks share.
    struct Layer {
        /// @dev z^m, m the layer's columns.
        uint256 power;
        uint256 rowsPerBlock;
        uint256 lastRows;
        /// @dev Blocks with `rowsPerBlock` rows; one more has `lastRows`.
        uint256 fullBlocks;
        /// @dev Ratios of the outer sums: a z^-m, b z^-m, b^m z^-m.
        uint256 outerY;
        uint256 outerU;
        uint256 outerPure;
        /// @dev 1 / (ratio - 1) for the first two.
        uint256 inverseY;
        uint256 inverseU;
        /// @dev Inner sums over the columns, of b/z and a/z.
        uint256 innerB;
        uint256 innerA;
    }

    /// @dev Kernels at 1/z of one block, without the coefficients.
    struct Kernels {
        uint256 y;
        uint256 u;
        uint256 evaluation;
    }

    /// @dev Factor of every commitment in F: the kernels at 1/z, and kappa^2 rho^(T + index) on an open child.
    function _factors(WindowShape.Shape memory shape, Challenges memory ch, Layer[] memory layers) private pure {
        uint256[] memory factors = new uint256[](2 * shape.model.blocks + 1);
        ch.factors = factors;
        uint256 count = layers.length;
        uint256 rho = Bn254.pow(ch.a, 65536);
        ch.rho = rho;
        ch.parentPower = 1;
        ch.childPower = Bn254.pow(rho, count);
        ch.uPower = mulmod(ch.childPower, ch.childPower, R);
        // 3 count claims come before the pure ones.
        ch.purePower = mulmod(ch.uPower, ch.childPower, R);
        uint256 index = 0;
        // No sum overflows: field elements are below 2^254, counts below 2^17.
        unchecked {
            for (uint256 l = 0; l < count; ++l) {
                _layerFactors(ch, layers[l], l != 0, index, shape.model.blocks);
                index += layers[l].fullBlocks + 1;
                ch.parentPower = mulmod(ch.parentPower, rho, R);
                ch.childPower = mulmod(ch.childPower, rho, R);
                if (l != 0) ch.uPower = mulmod(ch.uPower, rho, R);
            }
            // uPower has become rho^(3 count - 1): the mask's claim.
            factors[2 * shape.model.blocks] = mulmod(ch.maskKernel, ch.uPower, R);
        }
    }

    function _layerFactors(Challenges memory ch, Layer memory layer, bool hasU, uint256 first, uint256 blocks) private pure {
        unchecked {
            // a^firstRow and b^firstRow of a block, and their ratios from block to block.
            uint256 positionA = 1;
            uint256 positionB = 1;
            uint256 stepA = layer.fullBlocks == 0 ? 0 : Bn254.pow(ch.a, layer.rowsPerBlock);
            uint256 stepB = layer.fullBlocks == 0 || !hasU ? 0 : Bn254.pow(ch.b, layer.rowsPerBlock);
            Kernels memory kernels;
            for (uint256 k = 0; k <= layer.fullBlocks; ++k) {
                // All full blocks have the same kernels.
                if (k == 0 || k == layer.fullBlocks) _kernels(ch, layer, hasU, k == layer.fullBlocks, kernels);
                _blockFactors(ch, kernels, positionA, hasU ? positionB : 0, first + k, blocks);
                positionA = mulmod(positionA, stepA, R);
                positionB = mulmod(positionB, stepB, R);
            }
        }
    }

    /// @param positionU b^firstRow; 0 where the layer has no u claim
    function _blockFactors(
        Challenges memory ch,
        Kernels memory kernels,
        uint256 positionY,
        uint256 positionU,
        uint256 index,
        uint256 blocks
    ) private pure {
        unchecked {
            uint256 y = mulmod(kernels.y, positionY, R);
            uint256 u = mulmod(kernels.u, positionU, R);
            ch.factors[index] = addmod(mulmod(y, ch.parentPower, R), mulmod(u, ch.uPower, R), R);
            uint256 child = mulmod(y, ch.childPower, R);
            if (ch.open) {
                child = addmod(child, mulmod(ch.purePower, addmod(kernels.evaluation, ch.kappa2, R), R), R);
                ch.purePower = mulmod(ch.purePower, ch.rho, R);
            }
            ch.factors[blocks + index] = child;
        }
    }

    function _kernels(Challenges memory ch, Layer memory layer, bool hasU, bool last, Kernels memory kernels) private pure {
        unchecked {
            uint256 rows = last ? layer.lastRows : layer.rowsPerBlock;
            kernels.y = mulmod(mulmod(Bn254.pow(layer.outerY, rows) + R - 1, layer.inverseY, R), layer.innerB, R);
            if (hasU) {
                // The bias row, the last of the last block, is no input.
                uint256 inputRows = last ? rows - 1 : rows;
                kernels.u = mulmod(mulmod(Bn254.pow(layer.outerU, inputRows) + R - 1, layer.inverseU, R), layer.innerA, R);
            }
            // Row ratio b^m and column ratio b make one sum of powers of b/z.
            if (ch.open) kernels.evaluation = mulmod(Bn254.pow(layer.outerPure, rows) + R - 1, ch.inverseB, R);
        }
    }

    /// @dev 1/z, and ratios and sums of all geometric series, with one inversion. False where z is 0 or a ratio is 1.
    function _layers(WindowShape.Shape memory shape, Challenges memory ch, Layer[] memory layers) private view returns (bool) {
        unchecked {
            uint256 count = layers.length;
            // z, b - z, b - z^4, a - z, then a - z^m and b - z^m of each layer: the ratios minus 1, times a power of z.
            uint256[] memory denominators = new uint256[](4 + 2 * count);
            denominators[0] = ch.z;
            denominators[1] = ch.b + R - ch.z;
            denominators[2] = ch.b + R - Bn254.pow(ch.z, 4);
            // The first layer has no u claim: sums that are not there must not refuse anything.
            denominators[3] = count == 1 ? 1 : ch.a + R - ch.z;
            for (uint256 l = 0; l < count; ++l) {
                layers[l].power = Bn254.pow(ch.z, shape.model.sizes[l + 1]);
                denominators[4 + 2 * l] = ch.a + R - layers[l].power;
                denominators[5 + 2 * l] = l == 0 ? 1 : ch.b + R - layers[l].power;
            }
            if (!_invertAll(denominators)) return false;
            uint256 zInverse = denominators[0];
            ch.zInverse = zInverse;
            uint256 ratioB = mulmod(ch.b, zInverse, R);
            uint256 ratioA = mulmod(ch.a, zInverse, R);
            ch.inverseB = mulmod(denominators[1], ch.z, R);
            for (uint256 l = 0; l < count; ++l) {
                Layer memory layer = layers[l];
                uint256 columns = shape.model.sizes[l + 1];
                layer.rowsPerBlock = (1 << shape.model.blockLog) / columns;
                layer.fullBlocks = shape.model.sizes[l] / layer.rowsPerBlock;
                layer.lastRows = shape.model.sizes[l] + 1 - layer.fullBlocks * layer.rowsPerBlock;
                layer.outerPure = Bn254.pow(ratioB, columns);
                if (ch.open && layer.outerPure == 1) return false;
                uint256 power = Bn254.pow(zInverse, columns);
                layer.outerY = mulmod(ch.a, power, R);
                layer.inverseY = mulmod(denominators[4 + 2 * l], layer.power, R);
                layer.innerB = mulmod(layer.outerPure + R - 1, ch.inverseB, R);
                if (l == 0) continue;
                layer.outerU = mulmod(ch.b, power, R);
                layer.inverseU = mulmod(denominators[5 + 2 * l], layer.power, R);
                layer.innerA = mulmod(Bn254.pow(ratioA, columns) + R - 1, mulmod(denominators[3], ch.z, R), R);
            }
            // (b^4 z^-16 - 1) / (b z^-4 - 1) times (b^4 z^-4 - 1) / (b z^-1 - 1).
            uint256 inner = Bn254.pow(ratioB, 4);
            uint256 zInverse4 = Bn254.pow(zInverse, 4);
            uint256 outer = mulmod(inner, Bn254.pow(zInverse4, 3), R);
            ch.maskKernel = mulmod(
                mulmod(mulmod(outer + R - 1, denominators[2], R), Bn254.pow(ch.z, 4), R), mulmod(inner + R - 1, ch.inverseB, R), R
            );
            return true;
        }
    }

    /// @dev Replaces every value by its inverse; false where one is zero mod R.
    function _invertAll(uint256[] memory values) private view returns (bool) {
        unchecked {
            uint256 count = values.length;
            uint256[] memory prefixes = new uint256[](count);
            uint256 product = 1;
            for (uint256 i = 0; i < count; ++i) {
                prefixes[i] = product;
                product = mulmod(product, values[i], R);
            }
            if (product == 0) return false;
            uint256 rest = Bn254.inverse(product);
            for (uint256 i = count; i != 0; --i) {
                uint256 value = values[i - 1];
                values[i - 1] = mulmod(rest, prefixes[i - 1], R);
                rest = mulmod(rest, value, R);
            }
            return true;
        }
    }

    /// @dev e(F, [1]) = e(pi1 + kappa pi2 + kappa^2 pi3, [tau]). Every point goes through a multiplication, which refuses what is no point.
    function _pairing(Challenges memory ch, bytes calldata opening, uint256[4] memory tau) private view returns (bool) {
        unchecked {
            uint256 tail = 96 + 64 * ch.factors.length;
            if (!ch.open && (_word(opening, tail + 128) | _word(opening, tail + 320) | _word(opening, tail + 352)) != 0) return false;
            uint256 point = _offset(opening) + tail + 192;
            // pi1 is multiplied on the left, which finds out whether it is a point.
            uint256 right = Bn254.newSum(point);
            Bn254.addCalldata(right, point + 64, ch.kappa);
            if (ch.open) Bn254.addCalldata(right, point + 128, ch.kappa2);
            return Bn254.pairingHolds(_left(ch, opening, tail), right, tau);
        }
    }

    /// @param tail where S1, S2, ePure, s2, pi1, pi2, pi3 begin
    function _left(Challenges memory ch, bytes calldata opening, uint256 tail) private view returns (uint256 left) {
        unchecked {
            left = Bn254.newSum(0);
            uint256 point = _offset(opening) + 96;
            for (uint256 i = 0; i < ch.factors.length; ++i) {
                Bn254.addCalldata(left, point, ch.factors[i]);
                point += 64;
            }
            Bn254.addCalldata(left, point, R - ch.z);
            Bn254.addCalldata(left, point + 64, ch.kappa);
            Bn254.addCalldata(left, point + 192, ch.z);
            Bn254.addCalldata(left, point + 256, mulmod(ch.kappa, ch.zInverse, R));
            // E + ePure + s2/z + kappa s2 + kappa^2 ePure.
            uint256 scalar = addmod(_word(opening, 64), mulmod(_word(opening, tail + 160), addmod(ch.zInverse, ch.kappa, R), R), R);
            if (ch.open) {
                Bn254.addCalldata(left, point + 320, mulmod(ch.kappa2, ch.b, R));
                scalar = addmod(scalar, mulmod(_word(opening, tail + 128), ch.kappa2 + 1, R), R);
            }
            Bn254.addGenerator(left, R - scalar);
        }
    }

    function _offset(bytes calldata data) private pure returns (uint256 offset) {
        assembly ("memory-safe") {
            offset := data.offset
        }
    }

    function _word(bytes calldata data, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, offset))
        }
    }
}
