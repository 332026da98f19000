// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// BN254 for tests, straight from the definitions: multiples of both generators, and arithmetic mod the order.
library Discrete {
    uint256 internal constant R = 21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 internal constant Q = 21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// k [1]_1 as 64 bytes.
    function g1(uint256 k) internal view returns (bytes memory point) {
        (bool success, bytes memory returned) = address(7).staticcall(abi.encode(1, 2, k));
        require(success, "ecMul");
        return returned;
    }

    /// k [1]_2 as 128 bytes, EIP-197 order, by double and add in Jacobian coordinates.
    function g2(uint256 k) internal view returns (bytes memory point) {
        uint256[4] memory p = g2Words(k);
        return abi.encode(p);
    }

    function g2Words(uint256 k) internal view returns (uint256[4] memory) {
        uint256[2][3] memory sum;
        uint256[2][3] memory generator = [
            [
                uint256(0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed),
                0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2
            ],
            [
                uint256(0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa),
                0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b
            ],
            [uint256(1), 0]
        ];
        for (uint256 i = 254; i > 0; --i) {
            sum = _double(sum);
            if ((k >> (i - 1)) & 1 == 1) sum = _add(sum, generator);
        }
        uint256[2] memory inverse = _inverse2(sum[2]);
        uint256[2] memory square = _mul2(inverse, inverse);
        uint256[2] memory x = _mul2(sum[0], square);
        uint256[2] memory y = _mul2(sum[1], _mul2(square, inverse));
        return [x[1], x[0], y[1], y[0]];
    }

    function pow(uint256 base, uint256 exponent) internal view returns (uint256) {
        return _modexp(base, exponent, R);
    }

    function inverse(uint256 value) internal view returns (uint256) {
        return _modexp(value, R - 2, R);
    }

    function sub(uint256 x, uint256 y) internal pure returns (uint256) {
        return addmod(x, R - (y % R), R);
    }

    function _modexp(uint256 base, uint256 exponent, uint256 modulus) private view returns (uint256) {
        (bool success, bytes memory returned) =
            address(5).staticcall(abi.encode(uint256(32), uint256(32), uint256(32), base, exponent, modulus));
        require(success, "modexp");
        return abi.decode(returned, (uint256));
    }

    function _double(uint256[2][3] memory p) private pure returns (uint256[2][3] memory) {
        uint256[2] memory a = _mul2(p[0], p[0]);
        uint256[2] memory b = _mul2(p[1], p[1]);
        uint256[2] memory c = _mul2(b, b);
        uint256[2] memory d = _mul2(p[0], b);
        d = _scale(d, 4);
        uint256[2] memory e = _scale(a, 3);
        uint256[2] memory x = _sub2(_mul2(e, e), _scale(d, 2));
        uint256[2] memory y = _sub2(_mul2(e, _sub2(d, x)), _scale(c, 8));
        return [x, y, _scale(_mul2(p[1], p[2]), 2)];
    }

    /// Of different points, the second affine; the identity has Z = 0.
    function _add(uint256[2][3] memory p, uint256[2][3] memory q) private pure returns (uint256[2][3] memory) {
        if (p[2][0] == 0 && p[2][1] == 0) return q;
        uint256[2] memory square = _mul2(p[2], p[2]);
        uint256[2] memory h = _sub2(_mul2(q[0], square), p[0]);
        uint256[2] memory r = _sub2(_mul2(q[1], _mul2(square, p[2])), p[1]);
        uint256[2] memory h2 = _mul2(h, h);
        uint256[2] memory h3 = _mul2(h2, h);
        uint256[2] memory v = _mul2(p[0], h2);
        uint256[2] memory x = _sub2(_sub2(_mul2(r, r), h3), _scale(v, 2));
        return [x, _sub2(_mul2(r, _sub2(v, x)), _mul2(p[1], h3)), _mul2(p[2], h)];
    }

    function _mul2(uint256[2] memory x, uint256[2] memory y) private pure returns (uint256[2] memory) {
        return [
            addmod(mulmod(x[0], y[0], Q), Q - mulmod(x[1], y[1], Q), Q),
            addmod(mulmod(x[0], y[1], Q), mulmod(x[1], y[0], Q), Q)
        ];
    }

    function _sub2(uint256[2] memory x, uint256[2] memory y) private pure returns (uint256[2] memory) {
        return [addmod(x[0], Q - y[0], Q), addmod(x[1], Q - y[1], Q)];
    }

    function _scale(uint256[2] memory x, uint256 by) private pure returns (uint256[2] memory) {
        return [mulmod(x[0], by, Q), mulmod(x[1], by, Q)];
    }

    function _inverse2(uint256[2] memory x) private view returns (uint256[2] memory) {
        uint256 norm = addmod(mulmod(x[0], x[0], Q), mulmod(x[1], x[1], Q), Q);
        uint256 n = _modexp(norm, Q - 2, Q);
        return [mulmod(x[0], n, Q), mulmod(Q - x[1], n, Q)];
    }
}
