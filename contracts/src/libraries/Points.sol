// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "./Bn254.sol";

/// @title Sums of checkpoints, point by point
library Points {
    uint256 private constant POINT_BYTES = 64;

    /// @notice `base + sum(child_k - base)` for each point; there is at least one child. `ok` is false where the lengths differ or are no whole
    /// number of points, and where anything is not a canonical point.
    function merge(bytes calldata base, bytes[] calldata children) internal view returns (bool ok, bytes memory merged) {
        uint256 length = base.length;
        if (length == 0 || length % POINT_BYTES != 0) return (false, merged);
        for (uint256 k = 0; k < children.length; ++k) {
            if (children[k].length != length) return (false, merged);
        }
        merged = new bytes(length);
        for (uint256 offset = 0; offset < length; offset += POINT_BYTES) {
            uint256[4] memory terms;
            if (!_sum(terms, base, children, offset)) return (false, merged);
            assembly ("memory-safe") {
                // Both words lie within `merged`, whose length is a multiple of 64.
                mcopy(add(add(merged, 0x20), offset), terms, 0x40)
            }
        }
        ok = true;
    }

    /// @dev All children, less the base once for every child but the first.
    /// @param terms the sum so far, at first the identity, and room for the next term
    function _sum(uint256[4] memory terms, bytes calldata base, bytes[] calldata children, uint256 offset)
        private
        view
        returns (bool ok)
    {
        (uint256 baseX, uint256 baseY) = _point(base, offset);
        // What the negation would hide from the precompile.
        if (baseY >= Bn254.Q) return false;
        uint256 negativeY = baseY == 0 ? 0 : Bn254.Q - baseY;
        ok = true;
        for (uint256 k = 0; k < children.length; ++k) {
            (uint256 x, uint256 y) = _point(children[k], offset);
            ok = ok && _add(terms, x, y) && (k == 0 || _add(terms, baseX, negativeY));
        }
    }

    /// @param offset a multiple of 64 below the length, which is one, too
    function _point(bytes calldata points, uint256 offset) private pure returns (uint256 x, uint256 y) {
        assembly ("memory-safe") {
            let source := add(points.offset, offset)
            x := calldataload(source)
            y := calldataload(add(source, 0x20))
        }
    }

    /// @dev The precompile refuses coordinates that are not below Q, and points off the curve.
    function _add(uint256[4] memory terms, uint256 x, uint256 y) private view returns (bool ok) {
        (terms[2], terms[3]) = (x, y);
        uint256 cap = Bn254.ADD_GAS;
        assembly ("memory-safe") {
            ok := staticcall(cap, 6, terms, 0x80, terms, 0x40)
        }
    }
}
