// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Opening} from "../../src/libraries/Opening.sol";
import {WindowShape} from "../../src/libraries/WindowShape.sol";

/// @title The opening check without an UltraHonk proof, for differential tests
contract OpeningHarness {
    function verify(bytes calldata shape, bytes32 circuitId, bool open, uint256[] calldata statement, bytes calldata opening)
        external
        view
        returns (bool)
    {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        return ok && Opening.verify(decoded, address(this), circuitId, open, statement, opening);
    }

    function check(bytes calldata shape, bool open, bytes calldata opening, uint256 z, uint256 kappa) external view returns (bool) {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        return ok && Opening.check(decoded, open, opening, z, kappa);
    }
}
