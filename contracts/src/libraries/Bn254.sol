// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title BN254's precompiles behind typed calls
/// @notice A precompile refuses a coordinate that is not below Q and a point off the curve, and then burns all gas that it was given:
/// so every call is capped, and callers first make sure that the cap is really there (`floor`). A false then means bad input,
/// never a shortage of gas.
library Bn254 {
    /// @notice Order of the group.
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    /// @notice Order of the field of coordinates.
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev About twice today's prices (6,000, 150, 45,000 + 34,000 a pair, 4,080).
    uint256 internal constant MUL_GAS = 12_000;
    uint256 internal constant ADD_GAS = 1_000;
    uint256 internal constant PAIRING_GAS = 90_000;
    uint256 internal constant PAIR_GAS = 68_000;
    uint256 internal constant MODEXP_GAS = 12_000;

    /// @notice Gas that `terms` multiplications with additions and one pairing check of `pairs` pairs may be given in all.
    function floor(uint256 terms, uint256 pairs) internal pure returns (uint256) {
        // 600 a term for the code around it; the EVM withholds 1/64 at each call.
        return ((terms * (MUL_GAS + ADD_GAS + 600) + PAIRING_GAS + pairs * PAIR_GAS) * 64) / 63;
    }

    /// @notice A sum of points in the making: x, y, room for one term's x, y, scalar, and whether every term was a point.
    /// @param offset of the first term in calldata, taken as it is
    function newSum(uint256 offset) internal pure returns (uint256 sum) {
        assembly ("memory-safe") {
            sum := mload(0x40)
            mstore(0x40, add(sum, 0xc0))
            calldatacopy(sum, offset, 0x40)
            mstore(add(sum, 0xa0), 1)
        }
    }

    /// @notice A sum whose first term is the point at `pointer` in memory, taken as it is.
    function newSumMemory(uint256 pointer) internal pure returns (uint256 sum) {
        assembly ("memory-safe") {
            sum := mload(0x40)
            mstore(0x40, add(sum, 0xc0))
            mcopy(sum, pointer, 0x40)
            mstore(add(sum, 0xa0), 1)
        }
    }

    /// @notice A sum whose first term is `scalar` times the point at `offset` in calldata.
    function newProduct(uint256 offset, uint256 scalar) internal view returns (uint256 sum) {
        assembly ("memory-safe") {
            sum := mload(0x40)
            mstore(0x40, add(sum, 0xc0))
            let term := add(sum, 0x40)
            calldatacopy(term, offset, 0x40)
            mstore(add(sum, 0x80), scalar)
            mstore(add(sum, 0xa0), staticcall(MUL_GAS, 7, term, 0x60, sum, 0x40))
        }
    }

    /// @notice Adds `scalar` times the point at `offset` in calldata; remembers where that is not a canonical point.
    function addCalldata(uint256 sum, uint256 offset, uint256 scalar) internal view {
        assembly ("memory-safe") {
            let term := add(sum, 0x40)
            calldatacopy(term, offset, 0x40)
            mstore(add(sum, 0x80), scalar)
            let ok := staticcall(MUL_GAS, 7, term, 0x60, term, 0x40)
            ok := and(ok, staticcall(ADD_GAS, 6, sum, 0x80, sum, 0x40))
            mstore(add(sum, 0xa0), and(mload(add(sum, 0xa0)), ok))
        }
    }

    /// @notice Remembers in the sum where the two words at `offset` in calldata are not a canonical point; adds nothing.
    function checkCalldata(uint256 sum, uint256 offset) internal pure {
        assembly ("memory-safe") {
            let x := calldataload(offset)
            let y := calldataload(add(offset, 0x20))
            // The group has all points of the curve.
            let onCurve := eq(mulmod(y, y, Q), addmod(mulmod(mulmod(x, x, Q), x, Q), 3, Q))
            let ok := and(and(lt(x, Q), lt(y, Q)), or(onCurve, iszero(or(x, y))))
            mstore(add(sum, 0xa0), and(mload(add(sum, 0xa0)), ok))
        }
    }

    /// @notice Adds `scalar` times the point at `pointer` in memory; remembers where that is not a canonical point.
    function addMemory(uint256 sum, uint256 pointer, uint256 scalar) internal view {
        assembly ("memory-safe") {
            let term := add(sum, 0x40)
            mcopy(term, pointer, 0x40)
            mstore(add(sum, 0x80), scalar)
            let ok := staticcall(MUL_GAS, 7, term, 0x60, term, 0x40)
            ok := and(ok, staticcall(ADD_GAS, 6, sum, 0x80, sum, 0x40))
            mstore(add(sum, 0xa0), and(mload(add(sum, 0xa0)), ok))
        }
    }

    /// @notice Adds another sum, whose terms were all points.
    function addSum(uint256 sum, uint256 other) internal view {
        assembly ("memory-safe") {
            mcopy(add(sum, 0x40), other, 0x40)
            let ok := staticcall(ADD_GAS, 6, sum, 0x80, sum, 0x40)
            mstore(add(sum, 0xa0), and(mload(add(sum, 0xa0)), ok))
        }
    }

    /// @notice Adds `scalar` times the generator.
    function addGenerator(uint256 sum, uint256 scalar) internal view {
        assembly ("memory-safe") {
            let term := add(sum, 0x40)
            mstore(term, 1)
            mstore(add(sum, 0x60), 2)
            mstore(add(sum, 0x80), scalar)
            let ok := staticcall(MUL_GAS, 7, term, 0x60, term, 0x40)
            ok := and(ok, staticcall(ADD_GAS, 6, sum, 0x80, sum, 0x40))
            mstore(add(sum, 0xa0), and(mload(add(sum, 0xa0)), ok))
        }
    }

    /// @notice True where e(left, [1]_2) = e(right, tau) and all terms were points; false also where tau is not in the group.
    /// @param tau EIP-197 order: x_1, x_0, y_1, y_0
    function pairingHolds(uint256 left, uint256 right, uint256[4] memory tau) internal view returns (bool) {
        uint256 input = newPairs(2);
        putSum(input, left);
        putGenerator(input + 0x40);
        putNegative(input + 0xc0, right);
        putG2(input + 0x100, tau);
        return pairsToOne(input, 2) && allPoints(left) && allPoints(right);
    }

    /// @notice Room for the pairs of one pairing check: each a point (2 words) and a point of the other group (4 words).
    function newPairs(uint256 pairs) internal pure returns (uint256 input) {
        assembly ("memory-safe") {
            input := mload(0x40)
            mstore(0x40, add(input, mul(pairs, 0xc0)))
        }
    }

    function putSum(uint256 target, uint256 sum) internal pure {
        assembly ("memory-safe") {
            mcopy(target, sum, 0x40)
        }
    }

    /// @dev The negative of the identity is the identity. A y above Q wraps to what the precompile refuses; y = Q the caller refuses.
    function putNegative(uint256 target, uint256 point) internal pure {
        assembly ("memory-safe") {
            mstore(target, mload(point))
            let y := mload(add(point, 0x20))
            if y { y := sub(Q, y) }
            mstore(add(target, 0x20), y)
        }
    }

    /// @notice Puts [1]_2.
    function putGenerator(uint256 target) internal pure {
        assembly ("memory-safe") {
            mstore(target, 0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2)
            mstore(add(target, 0x20), 0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed)
            mstore(add(target, 0x40), 0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b)
            mstore(add(target, 0x60), 0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa)
        }
    }

    function putG2(uint256 target, uint256[4] memory point) internal pure {
        assembly ("memory-safe") {
            mcopy(target, point, 0x80)
        }
    }

    /// @notice Whether the product of the pairings is 1; false where anything is no point of its group.
    function pairsToOne(uint256 input, uint256 pairs) internal view returns (bool holds) {
        uint256 cap = PAIRING_GAS + pairs * PAIR_GAS;
        assembly ("memory-safe") {
            let ok := staticcall(cap, 8, input, mul(pairs, 0xc0), 0, 0x20)
            holds := and(and(ok, eq(returndatasize(), 0x20)), eq(mload(0), 1))
        }
    }

    /// @notice Whether every term of the sum was a point.
    function allPoints(uint256 sum) internal pure returns (bool all) {
        assembly ("memory-safe") {
            all := mload(add(sum, 0xa0))
        }
    }

    /// @notice base^exponent mod R.
    function pow(uint256 base, uint256 exponent) internal pure returns (uint256 result) {
        assembly ("memory-safe") {
            result := 1
            for {} exponent { exponent := shr(1, exponent) } {
                if and(exponent, 1) { result := mulmod(result, base, R) }
                base := mulmod(base, base, R)
            }
        }
    }

    /// @notice 1/value mod R; 0 for 0 and for a shortage of gas, which `floor` leaves no room for.
    function inverse(uint256 value) internal view returns (uint256 result) {
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, 0x20)
            mstore(add(input, 0x20), 0x20)
            mstore(add(input, 0x40), 0x20)
            mstore(add(input, 0x60), value)
            mstore(add(input, 0x80), sub(R, 2))
            mstore(add(input, 0xa0), R)
            mstore(0, 0)
            pop(staticcall(MODEXP_GAS, 5, input, 0xc0, 0, 0x20))
            result := mload(0)
        }
    }
}
