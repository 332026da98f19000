// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// Many views in one call: a trace's state is read as a whole, in one block. A view that reverts answers with nothing.
contract ManyReads {
    function read(address[] calldata targets, bytes[] calldata calls) external view returns (uint256 blockNumber, bytes[] memory answers) {
        blockNumber = block.number;
        answers = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool success, bytes memory answer) = targets[i].staticcall(calls[i]);
            if (success) answers[i] = answer;
        }
    }
}
