// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAuditRegistry} from "../../src/interfaces/IAuditRegistry.sol";
import {AuditClaims} from "../../src/libraries/AuditClaims.sol";

/// @title What the library says of a claim, for comparison with src/audit/claims.ts
contract AuditClaimsHarness {
    struct Verdict {
        bool inRange;
        bool holds;
        bool contradicts;
    }

    function judge(IAuditRegistry.Claim[] memory claims, uint256[] memory counts, uint256 classes, uint256 bins)
        external
        pure
        returns (Verdict[] memory verdicts)
    {
        verdicts = new Verdict[](claims.length);
        for (uint256 i = 0; i < claims.length; ++i) {
            verdicts[i].inRange = AuditClaims.inRange(claims[i], classes, bins);
            verdicts[i].holds = AuditClaims.holds(claims[i], counts, classes, bins);
            verdicts[i].contradicts = AuditClaims.contradicts(claims[i], counts, classes, bins);
        }
    }
}
