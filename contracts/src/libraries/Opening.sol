// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "../interfaces/IStatementVerifier.sol";
import {Bn254} from "./Bn254.sol";
import {ModelShape} from "./ModelShape.sol";

/// @title What the openings of all statements share: ids, challenges, geometric sums and the two sides of the pairing check
/// @notice docs/reference/encodings.md, Opening, and docs/security/openings.md. The statement's own library computes the factor of every
/// commitment. An opening says nothing about b, a and E themselves: the proof does.
library Opening {
    uint256 private constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    bytes32 private constant CHECKPOINT_TAG = keccak256("assay.ckpt.v1");
    bytes32 private constant MASK_TAG = keccak256("assay.mask.v1");
    bytes32 private constant Z_TAG = keccak256("assay.opening.z.v1");
    bytes32 private constant KAPPA_TAG = keccak256("assay.opening.k.v1");

    /// @dev Words before the points: b, a, E.
    uint256 internal constant POINTS = 96;

    /// @dev Where the polynomials are looked at, and what all layers share.
    struct Challenges {
        uint256 b;
        uint256 a;
        uint256 z;
        uint256 zInverse;
        uint256 kappa;
        /// @dev 1 / (b/z - 1).
        uint256 inverseB;
        /// @dev The mask's kernel at 1/z.
        uint256 maskKernel;
        uint256 rho;
        /// @dev One factor for each commitment in the order of the bytes, the mask's last.
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

    /// @notice Reverts with InsufficientGas unless all that the precompiles may be given is there.
    /// @param terms multiplications of points, with their additions
    /// @param code gas for the code around
    function requireGas(uint256 terms, uint256 pairs, uint256 code) internal view {
        uint256 needed = Bn254.floor(terms, pairs) + Bn254.MODEXP_GAS + code;
        uint256 available = gasleft();
        if (available < needed) revert IStatementVerifier.InsufficientGas(available, needed);
    }

    /// @notice Whether every word of the statement, and b, a and E, are below R.
    function inField(uint256[] calldata statement, bytes calldata opening) internal pure returns (bool) {
        bool all = word(opening, 0) < R && word(opening, 32) < R && word(opening, 64) < R;
        assembly ("memory-safe") {
            let end := add(statement.offset, mul(statement.length, 0x20))
            for { let at := statement.offset } lt(at, end) { at := add(at, 0x20) } { all := and(all, lt(calldataload(at), R)) }
        }
        return all;
    }

    /// @notice Whether `id` is that of the checkpoint with these points.
    function isCheckpoint(uint256 id, bytes32 modelId, bytes calldata points) internal pure returns (bool) {
        return uint256(keccak256(abi.encodePacked(CHECKPOINT_TAG, modelId, points))) % R == id;
    }

    /// @notice Whether `id` is that of the mask with this point.
    function isMask(uint256 id, bytes calldata point) internal pure returns (bool) {
        return uint256(keccak256(abi.encodePacked(MASK_TAG, point))) % R == id;
    }

    /// @notice The challenges z and kappa.
    /// @param verifier the address that the opening is bound to
    /// @param fixedBytes how many of the opening's bytes are fixed before z is drawn
    function draw(
        address verifier,
        bytes32 circuitId,
        bool open,
        uint256[] calldata statement,
        bytes calldata opening,
        uint256 fixedBytes
    ) internal view returns (uint256 z, uint256 kappa) {
        bytes32 domain = bytes32(uint256(uint160(verifier)));
        z = uint256(
            keccak256(
                abi.encodePacked(Z_TAG, block.chainid, domain, circuitId, uint256(open ? 1 : 0), statement, opening[:fixedBytes])
            )
        ) % R;
        kappa = uint256(keccak256(abi.encodePacked(KAPPA_TAG, z, opening[fixedBytes:]))) % R;
    }

    function challenges(bytes calldata opening, uint256 z, uint256 kappa) internal pure returns (Challenges memory ch) {
        ch.b = word(opening, 0);
        ch.a = word(opening, 32);
        ch.z = z;
        ch.kappa = kappa;
        ch.rho = Bn254.pow(ch.a, 65536);
    }

    /// @notice 1/z, the mask's kernel, and ratios and sums of all layers' geometric series, with one inversion. False where z is 0 or a
    /// ratio is 1.
    /// @param withU layers from the second have u claims; `open` sums of pure claims are needed
    function prepare(ModelShape.Shape memory model, Challenges memory ch, Layer[] memory layers, bool withU, bool open)
        internal
        view
        returns (bool)
    {
        unchecked {
            uint256 count = layers.length;
            // z, b - z, b - z^4, a - z, then a - z^m and b - z^m of each layer: the ratios minus 1, times a power of z.
            uint256[] memory denominators = new uint256[](4 + 2 * count);
            putMaskDenominators(ch, denominators);
            // Sums that are not there must not refuse anything: the first layer has no u claim.
            denominators[3] = withU && count > 1 ? ch.a + R - ch.z : 1;
            for (uint256 l = 0; l < count; ++l) {
                layers[l].power = Bn254.pow(ch.z, model.sizes[l + 1]);
                denominators[4 + 2 * l] = ch.a + R - layers[l].power;
                denominators[5 + 2 * l] = withU && l != 0 ? ch.b + R - layers[l].power : 1;
            }
            if (!invertAll(denominators)) return false;
            finishMask(ch, denominators);
            uint256 ratioB = mulmod(ch.b, ch.zInverse, R);
            uint256 ratioA = mulmod(ch.a, ch.zInverse, R);
            for (uint256 l = 0; l < count; ++l) {
                Layer memory layer = layers[l];
                uint256 columns = model.sizes[l + 1];
                layer.rowsPerBlock = (1 << model.blockLog) / columns;
                layer.fullBlocks = model.sizes[l] / layer.rowsPerBlock;
                layer.lastRows = model.sizes[l] + 1 - layer.fullBlocks * layer.rowsPerBlock;
                layer.outerPure = Bn254.pow(ratioB, columns);
                if (open && layer.outerPure == 1) return false;
                uint256 power = Bn254.pow(ch.zInverse, columns);
                layer.outerY = mulmod(ch.a, power, R);
                layer.inverseY = mulmod(denominators[4 + 2 * l], layer.power, R);
                layer.innerB = mulmod(layer.outerPure + R - 1, ch.inverseB, R);
                if (!withU || l == 0) continue;
                layer.outerU = mulmod(ch.b, power, R);
                layer.inverseU = mulmod(denominators[5 + 2 * l], layer.power, R);
                layer.innerA = mulmod(Bn254.pow(ratioA, columns) + R - 1, mulmod(denominators[3], ch.z, R), R);
            }
            return true;
        }
    }

    /// @notice z, b - z and b - z^4, the first three denominators.
    function putMaskDenominators(Challenges memory ch, uint256[] memory denominators) internal pure {
        unchecked {
            denominators[0] = ch.z;
            denominators[1] = ch.b + R - ch.z;
            denominators[2] = ch.b + R - Bn254.pow(ch.z, 4);
        }
    }

    /// @notice 1/z, 1/(b/z - 1) and the mask's kernel, from the inverses of `putMaskDenominators`.
    function finishMask(Challenges memory ch, uint256[] memory inverses) internal pure {
        unchecked {
            ch.zInverse = inverses[0];
            ch.inverseB = mulmod(inverses[1], ch.z, R);
            // (b^4 z^-16 - 1) / (b z^-4 - 1) times (b^4 z^-4 - 1) / (b z^-1 - 1).
            uint256 inner = Bn254.pow(mulmod(ch.b, ch.zInverse, R), 4);
            uint256 zInverse4 = Bn254.pow(ch.zInverse, 4);
            uint256 outer = mulmod(inner, Bn254.pow(zInverse4, 3), R);
            ch.maskKernel = mulmod(
                mulmod(mulmod(outer + R - 1, inverses[2], R), Bn254.pow(ch.z, 4), R), mulmod(inner + R - 1, ch.inverseB, R), R
            );
        }
    }

    /// @notice Kernel (row a, col b) at 1/z of a full block of the layer, or of its last one.
    function yKernel(Layer memory layer, bool last) internal pure returns (uint256) {
        unchecked {
            uint256 rows = last ? layer.lastRows : layer.rowsPerBlock;
            return mulmod(mulmod(Bn254.pow(layer.outerY, rows) + R - 1, layer.inverseY, R), layer.innerB, R);
        }
    }

    /// @dev Replaces every value by its inverse; false where one is zero mod R.
    function invertAll(uint256[] memory values) internal view returns (bool) {
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

    /// @notice `scale` times both sides of e(F, [1]) = e(pi1 + kappa pi2, [tau]), F still without its multiple of the generator. What goes
    /// through a multiplication is refused there where it is no point.
    /// @param s2At where s2, pi1, pi2 stand in the opening; S1 and S2 follow the commitments
    /// @return left sum of Bn254
    /// @return right sum of Bn254
    /// @return scalar what of the generator is still to be subtracted on the left, without `scale`: E + s2/z + kappa s2
    function sides(Challenges memory ch, bytes calldata opening, uint256 s2At, uint256 scale)
        internal
        view
        returns (uint256 left, uint256 right, uint256 scalar)
    {
        unchecked {
            uint256 point = offsetOf(opening) + POINTS + 64 * ch.factors.length;
            uint256 kappa = mulmod(ch.kappa, scale, R);
            left = Bn254.newProduct(point, mulmod(R - ch.z, scale, R));
            Bn254.addCalldata(left, point + 64, kappa);
            point = offsetOf(opening) + POINTS;
            for (uint256 i = 0; i < ch.factors.length; ++i) {
                uint256 factor = ch.factors[i];
                // What nothing is claimed of must be a point all the same.
                if (factor == 0) Bn254.checkCalldata(left, point);
                else Bn254.addCalldata(left, point, mulmod(factor, scale, R));
                point += 64;
            }
            point = offsetOf(opening) + s2At + 32;
            Bn254.addCalldata(left, point, mulmod(ch.z, scale, R));
            Bn254.addCalldata(left, point + 64, mulmod(kappa, ch.zInverse, R));
            // Where it is taken as it is, its multiplication on the left has found out whether it is a point.
            right = scale == 1 ? Bn254.newSum(point) : Bn254.newProduct(point, scale);
            Bn254.addCalldata(right, point + 64, kappa);
            scalar = addmod(word(opening, 64), mulmod(word(opening, s2At), addmod(ch.zInverse, ch.kappa, R), R), R);
        }
    }

    /// @notice `scale` times both sides of an opening without pure claims.
    function wholeSides(Challenges memory ch, bytes calldata opening, uint256 scale) internal view returns (uint256 left, uint256 right) {
        unchecked {
            uint256 scalar;
            (left, right, scalar) = sides(ch, opening, POINTS + 64 * ch.factors.length + 128, scale);
            Bn254.addGenerator(left, R - mulmod(scalar, scale, R));
        }
    }

    function offsetOf(bytes calldata data) internal pure returns (uint256 offset) {
        assembly ("memory-safe") {
            offset := data.offset
        }
    }

    /// @notice The word at a byte offset; the caller knows that it is there.
    function word(bytes calldata data, uint256 offset) internal pure returns (uint256 found) {
        assembly ("memory-safe") {
            found := calldataload(add(data.offset, offset))
        }
    }
}
