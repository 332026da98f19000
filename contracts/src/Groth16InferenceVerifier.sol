// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IStatementVerifier} from "./interfaces/IStatementVerifier.sol";
import {Bn254} from "./libraries/Bn254.sol";
import {Groth16} from "./libraries/Groth16.sol";
import {InferenceOpening} from "./libraries/InferenceOpening.sol";
import {InferenceShape} from "./libraries/InferenceShape.sol";
import {Opening} from "./libraries/Opening.sol";
import {ProofInputs} from "./libraries/ProofInputs.sol";

/// @title Verifier of inferences: the Groth16 proof and the opening
/// @notice Statement: context, checkpointId, maskId, inputId, outputs. The proof verifier is the code blob that holds the circuit's key.
contract Groth16InferenceVerifier is IStatementVerifier {
    /// @notice Most words of outputs: more would not always fit into the router's gas.
    uint256 public constant MAX_OUTPUT_WORDS = 64;
    bytes32 private constant COMBINE_TAG = keccak256("assay.groth16.combine.v1");

    /// @inheritdoc IStatementVerifier
    function describe(bytes calldata shape) external pure returns (Facts memory) {
        (bool ok, InferenceShape.Shape memory decoded) = _decode(shape);
        if (!ok) revert ShapeMalformed();
        return InferenceShape.facts(decoded);
    }

    /// @inheritdoc IStatementVerifier
    function verify(
        bytes calldata shape,
        address proofVerifier,
        bytes32 circuitId,
        bool open,
        uint256[] calldata statement,
        bytes calldata proof,
        bytes calldata opening
    ) external view returns (bool) {
        if (open || !Groth16.isCanonical(proof)) return false;
        (bool ok, InferenceShape.Shape memory decoded) = _decode(shape);
        if (!ok) return false;
        uint256 z;
        uint256 kappa;
        (ok, z, kappa) = InferenceOpening.read(decoded, address(this), circuitId, statement, opening);
        if (!ok) return false;
        uint256[] memory inputs = ProofInputs.bind(statement, 3, opening);
        return _holds(decoded, proofVerifier, inputs, proof, opening, z, kappa);
    }

    /// @dev Both equations are checked as one. Let X and Y be the products of pairings that are 1 where the Groth16 proof and the opening
    /// hold. Both lie in a group of the prime order R, because the precompile takes only points of the right groups. The scale s is a hash
    /// of kappa, which is a hash of all in the opening, the statement and the circuit id, and with it the key, and of the proof: X and Y are
    /// fixed before s is known. If Y is not 1, X Y^s is 1 for one s in R at most; if Y is 1, only where X is. A prover who tries n hashes
    /// passes with one of the two false with a probability of about n / 2^253, as it does with any of the opening's own challenges. Honest
    /// proofs always pass.
    function _holds(
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
        Opening.requireGas(shape.model.blocks + InferenceOpening.TERMS + inputs.length, 6, shape.model.sizes.length * 20_000);
        uint256 scale = uint256(keccak256(abi.encodePacked(COMBINE_TAG, kappa, proof))) % Bn254.R;
        uint256 left;
        uint256 right;
        (ok, left, right) = InferenceOpening.sides(shape, opening, z, kappa, scale);
        return ok && Groth16.holdsWith(key, inputs, proof, left, right, shape.model.tau);
    }

    function _decode(bytes calldata shape) private pure returns (bool ok, InferenceShape.Shape memory decoded) {
        (ok, decoded) = InferenceShape.decode(shape);
        ok = ok && decoded.setupId != 0 && decoded.proofBytes == Groth16.PROOF_BYTES && decoded.outputWords <= MAX_OUTPUT_WORDS;
    }
}
