// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";
import {Opening} from "./Opening.sol";
import {WellFormedShape} from "./WellFormedShape.sol";

/// @title The opening of a well-formed proof
/// @notice That the blocks of one segment of the committed checkpoint, and the mask, have the values at b whose combination is E.
library WellFormedOpening {
    uint256 private constant R = Bn254.R;

    /// @notice True where the opening's points are those of the statement and hold what it claims. False for malformed input.
    /// @param verifier the address that the opening is bound to
    function verify(
        WellFormedShape.Shape memory shape,
        address verifier,
        bytes32 circuitId,
        uint256[] calldata statement,
        bytes calldata opening
    ) internal view returns (bool) {
        if (statement.length != WellFormedShape.STATEMENT_WORDS || statement[3] >= shape.segments) return false;
        if (opening.length != WellFormedShape.openingBytes(shape)) return false;
        // Words: b, a, E | checkpoint | mask, S1, S2 | s2, pi1, pi2.
        uint256 mask = Opening.POINTS + 64 * shape.model.blocks;
        if (!Opening.inField(statement, opening) || Opening.word(opening, mask + 192) >= R) return false;
        if (!Opening.isCheckpoint(statement[1], shape.model.modelId, opening[Opening.POINTS:mask])) return false;
        if (!Opening.isMask(statement[2], opening[mask:mask + 64])) return false;
        (uint256 z, uint256 kappa) = Opening.draw(verifier, circuitId, false, statement, opening, mask + 192);
        return check(shape, opening, statement[3], z, kappa);
    }

    /// @notice The algebra of an opening of the right length with scalars below R, for given challenges and a segment that exists. Sound
    /// only where they are drawn as `verify` draws them.
    function check(WellFormedShape.Shape memory shape, bytes calldata opening, uint256 segment, uint256 z, uint256 kappa)
        internal
        view
        returns (bool)
    {
        uint256 terms = shape.blocksPerProof < shape.model.blocks ? shape.blocksPerProof : shape.model.blocks;
        Opening.requireGas(terms + 8, 2, shape.model.sizes.length * 20_000 + shape.model.blocks * 2_000);
        Opening.Challenges memory ch = Opening.challenges(opening, z, kappa);
        uint256[] memory denominators = new uint256[](3);
        Opening.putMaskDenominators(ch, denominators);
        if (!Opening.invertAll(denominators)) return false;
        Opening.finishMask(ch, denominators);
        if (!_factors(shape, ch, segment * shape.blocksPerProof)) return false;
        (uint256 left, uint256 right) = Opening.wholeSides(ch, opening, 1);
        return Bn254.pairingHolds(left, right, shape.model.tau);
    }

    /// @dev The blocks that the proof covers, and the power of rho of the next claim.
    struct Segment {
        uint256 first;
        uint256 end;
        uint256 power;
    }

    /// @dev rho^t times the sum of powers of b/z over block `first + t`, rho^k on the mask, 0 on all else. False where a row's ratio is 1.
    function _factors(WellFormedShape.Shape memory shape, Opening.Challenges memory ch, uint256 first) private pure returns (bool) {
        // No sum overflows: counts are below 2^29.
        unchecked {
            uint256 blocks = shape.model.blocks;
            ch.factors = new uint256[](blocks + 1);
            Segment memory segment = Segment(first, first + shape.blocksPerProof, 1);
            uint256 index = 0;
            for (uint256 l = 1; l < shape.model.sizes.length; ++l) {
                uint256 columns = shape.model.sizes[l];
                uint256 rowsPerBlock = (1 << shape.model.blockLog) / columns;
                uint256 rows = shape.model.sizes[l - 1] + 1;
                uint256 next = index + (rows - 1) / rowsPerBlock + 1;
                uint256 lastRows = rows - (next - index - 1) * rowsPerBlock;
                if (next > first && index < segment.end && !_layerFactors(ch, segment, columns, rowsPerBlock, lastRows, index, next)) {
                    return false;
                }
                index = next;
            }
            // The last segment may have fewer blocks; the mask's claim keeps its place.
            ch.factors[blocks] = mulmod(ch.maskKernel, Bn254.pow(ch.rho, shape.blocksPerProof), R);
            return true;
        }
    }

    /// @param index, next the layer's first block, and the one after its last
    function _layerFactors(
        Opening.Challenges memory ch,
        Segment memory segment,
        uint256 columns,
        uint256 rowsPerBlock,
        uint256 lastRows,
        uint256 index,
        uint256 next
    ) private pure returns (bool) {
        unchecked {
            uint256 ratio = Bn254.pow(mulmod(ch.b, ch.zInverse, R), columns);
            if (ratio == 1) return false;
            uint256 power = segment.power;
            for (uint256 i = index > segment.first ? index : segment.first; i < next && i < segment.end; ++i) {
                uint256 kernel = Bn254.pow(ratio, i == next - 1 ? lastRows : rowsPerBlock) + R - 1;
                ch.factors[i] = mulmod(mulmod(kernel, ch.inverseB, R), power, R);
                power = mulmod(power, ch.rho, R);
            }
            segment.power = power;
            return true;
        }
    }
}
