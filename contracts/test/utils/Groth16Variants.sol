// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Bn254} from "../../src/libraries/Bn254.sol";
import {Groth16} from "../../src/libraries/Groth16.sol";
import {InferenceOpening} from "../../src/libraries/InferenceOpening.sol";
import {InferenceShape} from "../../src/libraries/InferenceShape.sol";
import {ProofInputs} from "../../src/libraries/ProofInputs.sol";

/// What the verifier might have been: kept to show what its choices save.
contract Groth16Variants {
    /// Two pairing checks, one after the other.
    function separate(
        bytes calldata shape,
        address blob,
        bytes32 circuitId,
        uint256[] calldata statement,
        bytes calldata proof,
        bytes calldata opening
    ) external view returns (bool) {
        (bool ok, InferenceShape.Shape memory decoded) = InferenceShape.decode(shape);
        if (!ok || !Groth16.isCanonical(proof)) return false;
        if (!InferenceOpening.verify(decoded, address(this), circuitId, statement, opening)) return false;
        return _alone(blob, ProofInputs.bind(statement, 3, opening), proof);
    }

    /// The same with context, checkpointId and maskId as three public inputs.
    function unhashed(
        bytes calldata shape,
        address blob,
        bytes32 circuitId,
        uint256[] calldata statement,
        bytes calldata proof,
        bytes calldata opening
    ) external view returns (bool) {
        (bool ok, InferenceShape.Shape memory decoded) = InferenceShape.decode(shape);
        if (!ok || !Groth16.isCanonical(proof)) return false;
        if (!InferenceOpening.verify(decoded, address(this), circuitId, statement, opening)) return false;
        return _alone(blob, ProofInputs.all(statement, opening), proof);
    }

    /// One pairing check for both equations, without the challenge that keeps them apart.
    function unweighted(
        bytes calldata shape,
        address blob,
        bytes32 circuitId,
        uint256[] calldata statement,
        bytes calldata proof,
        bytes calldata opening
    ) external view returns (bool) {
        (bool ok, InferenceShape.Shape memory decoded) = InferenceShape.decode(shape);
        if (!ok) return false;
        (bool read, uint256 z, uint256 kappa) = InferenceOpening.read(decoded, address(this), circuitId, statement, opening);
        if (!read) return false;
        return _unweighted(decoded, blob, ProofInputs.bind(statement, 3, opening), proof, opening, z, kappa);
    }

    function _unweighted(
        InferenceShape.Shape memory shape,
        address blob,
        uint256[] memory inputs,
        bytes calldata proof,
        bytes calldata opening,
        uint256 z,
        uint256 kappa
    ) private view returns (bool) {
        (bool ok, uint256 key) = Groth16.readKey(blob, inputs.length);
        if (!ok) return false;
        (bool made, uint256 left, uint256 right) = InferenceOpening.sides(shape, opening, z, kappa, 1);
        return made && Groth16.holdsWith(key, inputs, proof, left, right, shape.model.tau);
    }

    function _alone(address blob, uint256[] memory inputs, bytes calldata proof) private view returns (bool) {
        (bool ok, uint256 key) = Groth16.readKey(blob, inputs.length);
        if (!ok) return false;
        uint256 input = Bn254.newPairs(4);
        Groth16.putProof(input, key, proof);
        uint256 sum = Groth16.inputSum(key, inputs);
        Groth16.putInputs(input + 0x240, key, sum);
        return Bn254.pairsToOne(input, 4) && Bn254.allPoints(sum);
    }
}
