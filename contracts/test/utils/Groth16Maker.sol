// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Discrete} from "./Discrete.sol";

/// Groth16 keys and proofs that hold, made by who knows the key's discrete logarithms.
library Groth16Maker {
    uint256 internal constant R = Discrete.R;

    /// gamma is 1 in the keys of the usual tools.
    struct Secrets {
        uint256 alpha;
        uint256 beta;
        uint256 gamma;
        uint256 delta;
        uint256[] ic;
    }

    function secrets(uint256 inputs, uint256 gamma) internal pure returns (Secrets memory made) {
        (made.alpha, made.beta, made.gamma, made.delta) = (1111, 2222, gamma, 4444);
        made.ic = new uint256[](inputs + 1);
        for (uint256 i = 0; i <= inputs; ++i) made.ic[i] = uint256(keccak256(abi.encode("ic", i))) % R;
    }

    /// The key's bytes, without the STOP before them.
    function key(Secrets memory s) internal view returns (bytes memory made) {
        made = abi.encodePacked(Discrete.g1(s.alpha), Discrete.g2(s.beta), Discrete.g2(s.gamma), Discrete.g2(s.delta));
        for (uint256 i = 0; i < s.ic.length; ++i) made = abi.encodePacked(made, Discrete.g1(s.ic[i]));
    }

    /// A proof for these inputs: A and B of one's choice, C what makes it hold.
    function prove(Secrets memory s, uint256[] memory inputs, uint256 a, uint256 b) internal view returns (bytes memory) {
        uint256 sum = s.ic[0];
        for (uint256 i = 0; i < inputs.length; ++i) sum = addmod(sum, mulmod(inputs[i], s.ic[i + 1], R), R);
        uint256 c = Discrete.sub(mulmod(a, b, R), mulmod(s.alpha, s.beta, R));
        c = mulmod(Discrete.sub(c, mulmod(sum, s.gamma, R)), Discrete.inverse(s.delta), R);
        return abi.encodePacked(Discrete.g1(a), Discrete.g2(b), Discrete.g1(c));
    }
}
