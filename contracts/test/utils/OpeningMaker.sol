// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {Encodings} from "../../src/libraries/Encodings.sol";
import {Discrete} from "./Discrete.sol";
import {TestBase} from "./TestBase.sol";

/// Openings that hold, made by who knows tau: every commitment is a known multiple of the generator, so the quotients are numbers.
/// The kernels are summed term by term, as docs/reference/encodings.md defines them.
abstract contract OpeningMaker is TestBase {
    uint256 internal constant R = Discrete.R;
    uint256 internal constant TAU = 0x1d0e5f;

    struct Network {
        uint256[] sizes;
        uint256 blockLog;
        uint256 blocks;
        bytes32 modelId;
    }

    /// What an opening is bound to, and whose blocks it is about.
    struct Binding {
        address verifier;
        bytes32 circuitId;
        /// Well-formed: the segment's first block and its length; 0, 0 for an inference.
        uint256 first;
        uint256 count;
        /// By how much the equation is to be false: 0 for an honest opening.
        uint256 shift;
    }

    function rand(string memory label, uint256 i) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(label, i))) % R;
    }

    function network(uint256 inputs, uint256 hidden, uint256 outputs, uint256 blockLog) internal view returns (Network memory made) {
        made.sizes = new uint256[](3);
        (made.sizes[0], made.sizes[1], made.sizes[2]) = (inputs, hidden, outputs);
        made.blockLog = blockLog;
        for (uint256 l = 1; l < 3; ++l) {
            uint256 rows = made.sizes[l - 1] + 1;
            uint256 rowsPerBlock = 2 ** blockLog / made.sizes[l];
            made.blocks += (rows + rowsPerBlock - 1) / rowsPerBlock;
        }
        made.modelId = Encodings.modelId(keccak256("spec"), Encodings.srsId(tau()), blockLog, sizes32(made));
    }

    function tau() internal view returns (uint256[4] memory) {
        return Discrete.g2Words(TAU);
    }

    function sizes32(Network memory net) internal pure returns (uint32[] memory made) {
        made = new uint32[](net.sizes.length);
        for (uint256 i = 0; i < made.length; ++i) made[i] = uint32(net.sizes[i]);
    }

    /// Fills in the statement's checkpoint and mask, and opens them.
    function open(Network memory net, Binding memory to, uint256[] memory statement) internal view returns (bytes memory opening) {
        bytes memory points;
        for (uint256 i = 0; i < net.blocks; ++i) points = abi.encodePacked(points, Discrete.g1(rand("block", i)));
        bytes memory mask = Discrete.g1(rand("mask", 0));
        statement[1] = Encodings.checkpointId(net.modelId, points);
        statement[2] = uint256(keccak256(abi.encodePacked(keccak256("assay.mask.v1"), mask))) % R;
        (uint256 b, uint256 a, uint256 e) = (rand("b", 0), rand("a", 0), rand("E", 0));
        bytes memory head = abi.encodePacked(b, a, e, points, mask, Discrete.g1(rand("S1", 0)), Discrete.g1(rand("S2", 0)));
        uint256 z = uint256(
            keccak256(
                abi.encodePacked(
                    keccak256("assay.opening.z.v1"), block.chainid, abi.encode(to.verifier), to.circuitId, uint256(0), statement, head
                )
            )
        ) % R;
        return abi.encodePacked(head, quotients(addmod(combined(net, to, a, b, z), to.shift, R), e, z));
    }

    /// s2, pi1 and pi2 for the combined polynomial's value at tau.
    function quotients(uint256 value, uint256 e, uint256 z) internal view returns (bytes memory) {
        uint256 zInverse = Discrete.inverse(z);
        uint256 s2 = rand("s2", 0);
        uint256 p2 = mulmod(Discrete.sub(rand("S2", 0), s2), Discrete.inverse(Discrete.sub(TAU, zInverse)), R);
        uint256 l = Discrete.sub(value, mulmod(z, rand("S1", 0), R));
        l = Discrete.sub(Discrete.sub(l, e), mulmod(s2, zInverse, R));
        uint256 p1 = mulmod(l, Discrete.inverse(Discrete.sub(TAU, z)), R);
        return abi.encodePacked(s2, Discrete.g1(p1), Discrete.g1(p2));
    }

    /// sum of coefficient KERNEL(1/z) w over all claims.
    function combined(Network memory net, Binding memory to, uint256 a, uint256 b, uint256 z) internal view returns (uint256 sum) {
        uint256 rho = Discrete.pow(a, 65536);
        uint256 zInverse = Discrete.inverse(z);
        uint256 index = 0;
        for (uint256 l = 1; l < net.sizes.length; ++l) {
            uint256 columns = net.sizes[l];
            uint256 rowsPerBlock = 2 ** net.blockLog / columns;
            for (uint256 row = 0; row <= net.sizes[l - 1]; row += rowsPerBlock) {
                uint256 rows = net.sizes[l - 1] + 1 - row < rowsPerBlock ? net.sizes[l - 1] + 1 - row : rowsPerBlock;
                uint256 factor;
                if (to.count == 0) {
                    factor = mulmod(Discrete.pow(rho, l - 1), Discrete.pow(a, row), R);
                    factor = mulmod(factor, kernel(a, b, rows, columns, zInverse), R);
                } else if (index >= to.first && index < to.first + to.count) {
                    factor = Discrete.pow(rho, index - to.first);
                    factor = mulmod(factor, kernel(Discrete.pow(b, columns), b, rows, columns, zInverse), R);
                }
                sum = addmod(sum, mulmod(factor, rand("block", index), R), R);
                ++index;
            }
        }
        uint256 power = Discrete.pow(rho, to.count == 0 ? net.sizes.length - 1 : to.count);
        sum = addmod(sum, mulmod(mulmod(power, kernel(b, b, 4, 4, zInverse), R), rand("mask", 0), R), R);
    }

    function kernel(uint256 rowBase, uint256 columnBase, uint256 rows, uint256 columns, uint256 zInverse)
        internal
        pure
        returns (uint256 sum)
    {
        unchecked {
            uint256 rowPower = 1;
            uint256 zPower = 1;
            for (uint256 i = 0; i < rows; ++i) {
                uint256 power = rowPower;
                for (uint256 j = 0; j < columns; ++j) {
                    sum = addmod(sum, mulmod(power, zPower, R), R);
                    power = mulmod(power, columnBase, R);
                    zPower = mulmod(zPower, zInverse, R);
                }
                rowPower = mulmod(rowPower, rowBase, R);
            }
        }
    }
}
