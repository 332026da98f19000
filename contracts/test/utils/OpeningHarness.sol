// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {InferenceOpening} from "../../src/libraries/InferenceOpening.sol";
import {InferenceShape} from "../../src/libraries/InferenceShape.sol";
import {WellFormedOpening} from "../../src/libraries/WellFormedOpening.sol";
import {WellFormedShape} from "../../src/libraries/WellFormedShape.sol";
import {WindowOpening} from "../../src/libraries/WindowOpening.sol";
import {WindowShape} from "../../src/libraries/WindowShape.sol";

/// @title The opening checks without a proof of the circuit, for differential tests
contract OpeningHarness {
    function verify(bytes calldata shape, bytes32 circuitId, bool open, uint256[] calldata statement, bytes calldata opening)
        external
        view
        returns (bool)
    {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        return ok && WindowOpening.verify(decoded, address(this), circuitId, open, statement, opening);
    }

    function check(bytes calldata shape, bool open, bytes calldata opening, uint256 z, uint256 kappa) external view returns (bool) {
        (bool ok, WindowShape.Shape memory decoded) = WindowShape.decode(shape);
        return ok && WindowOpening.check(decoded, open, opening, z, kappa);
    }

    function verifyInference(bytes calldata shape, bytes32 circuitId, uint256[] calldata statement, bytes calldata opening)
        external
        view
        returns (bool)
    {
        (bool ok, InferenceShape.Shape memory decoded) = InferenceShape.decode(shape);
        return ok && InferenceOpening.verify(decoded, address(this), circuitId, statement, opening);
    }

    function checkInference(bytes calldata shape, bytes calldata opening, uint256 z, uint256 kappa) external view returns (bool) {
        (bool ok, InferenceShape.Shape memory decoded) = InferenceShape.decode(shape);
        return ok && InferenceOpening.check(decoded, opening, z, kappa);
    }

    function verifyWellFormed(bytes calldata shape, bytes32 circuitId, uint256[] calldata statement, bytes calldata opening)
        external
        view
        returns (bool)
    {
        (bool ok, WellFormedShape.Shape memory decoded) = WellFormedShape.decode(shape);
        return ok && WellFormedOpening.verify(decoded, address(this), circuitId, statement, opening);
    }

    function checkWellFormed(bytes calldata shape, uint256 segment, bytes calldata opening, uint256 z, uint256 kappa)
        external
        view
        returns (bool)
    {
        (bool ok, WellFormedShape.Shape memory decoded) = WellFormedShape.decode(shape);
        return ok && WellFormedOpening.check(decoded, opening, segment, z, kappa);
    }
}
