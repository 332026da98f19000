// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

/// Answers whatever it was told to; whoever asks.
contract LyingVerifier {
    bytes internal _answer;
    bool internal _reverts;
    bool internal _burns;

    function tell(bytes calldata answer, bool reverts, bool burns) external {
        (_answer, _reverts, _burns) = (answer, reverts, burns);
    }

    fallback() external {
        bytes memory answer = _answer;
        if (_burns) {
            assembly {
                invalid()
            }
        }
        if (_reverts) {
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
        assembly {
            return(add(answer, 32), mload(answer))
        }
    }
}
