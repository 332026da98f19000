// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

interface IWindowVerifier {
    function verify(
        bytes calldata shape,
        address honkVerifier,
        bytes32 circuitId,
        bool open,
        uint256[8] calldata statement,
        bytes calldata honkProof,
        bytes calldata opening
    ) external view returns (bool);
}
