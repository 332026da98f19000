// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// @title What an UltraHonk verifier may answer, good and bad, for tests of the window verifier
contract ExactHonk {
    /// @notice True for the proof "ok" padded, where the public inputs hash to what the proof's last word says.
    function verify(bytes calldata proof, bytes32[] calldata publicInputs) external pure returns (bool) {
        return proof.length == 64 && bytes2(proof) == "ok" && bytes32(proof[32:]) == keccak256(abi.encodePacked(publicInputs));
    }
}

contract RevertingHonk {
    function verify(bytes calldata, bytes32[] calldata) external pure returns (bool) {
        revert("no");
    }
}

contract BurningHonk {
    function verify(bytes calldata, bytes32[] calldata) external pure returns (bool) {
        assembly {
            invalid()
        }
    }
}

/// @notice Answers 1 in a long answer.
contract LongHonk {
    function verify(bytes calldata, bytes32[] calldata) external pure returns (bool) {
        assembly {
            mstore(0, 1)
            return(0, 0x4000)
        }
    }
}

/// @notice Answers 2: neither true nor false.
contract TwoHonk {
    function verify(bytes calldata, bytes32[] calldata) external pure returns (uint256) {
        return 2;
    }
}

/// @notice Answers nothing.
contract SilentHonk {
    fallback() external {}
}
