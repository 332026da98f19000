// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity 0.8.37;

import {IAuditRegistry} from "../interfaces/IAuditRegistry.sol";

/// @title What the counts of an audit say of a claim
/// @notice Integers are compared, nothing is rounded; src/audit/claims.ts says the same. docs/reference/encodings.md, claims.
library AuditClaims {
    /// @param hits right answers; for parity, answers that are the claim's class
    /// @param samples that the claim is about
    struct Rate {
        uint256 hits;
        uint256 samples;
    }

    /// @notice Whether a claim can be made of audits with so many classes, and bins of margins.
    function inRange(IAuditRegistry.Claim memory claim, uint256 classes, uint256 bins) internal pure returns (bool) {
        if (claim.kind == IAuditRegistry.ClaimKind.Accuracy) return claim.class == 0;
        if (claim.kind == IAuditRegistry.ClaimKind.Calibration) return claim.class != 0 && claim.class < bins;
        return claim.class < classes && (claim.denominator != 0 || claim.kind == IAuditRegistry.ClaimKind.Recall);
    }

    /// @notice Whether counts bear a claim out: of exactly as many samples as it tells where it tells that, and of samples in each group where groups
    /// are compared.
    /// @param counts entry `((group * classes + class) * classes + answer) * bins + bin`, as many as there are
    function holds(IAuditRegistry.Claim memory claim, uint256[] memory counts, uint256 classes, uint256 bins)
        internal
        pure
        returns (bool)
    {
        Rate[] memory rates = _rates(claim, counts, classes, bins);
        if (_isThreshold(claim)) {
            Rate memory all = _sum(rates);
            return all.samples == claim.denominator && all.hits >= claim.numerator;
        }
        for (uint256 g = 0; g < rates.length; ++g) if (rates[g].samples == 0) return false;
        return rates.length > 1 && !_isUneven(claim, rates);
    }

    /// @notice Whether counts of other samples contradict a claim, taken as a ratio: their rate is lower, or two of their groups that have samples
    /// differ by more. Where it holds it is never contradicted by the same counts; counts may do neither.
    function contradicts(IAuditRegistry.Claim memory claim, uint256[] memory counts, uint256 classes, uint256 bins)
        internal
        pure
        returns (bool)
    {
        Rate[] memory rates = _rates(claim, counts, classes, bins);
        if (!_isThreshold(claim)) return _isUneven(claim, rates);
        Rate memory all = _sum(rates);
        return all.hits * claim.denominator < claim.numerator * all.samples;
    }

    function _isThreshold(IAuditRegistry.Claim memory claim) private pure returns (bool) {
        return claim.kind != IAuditRegistry.ClaimKind.Parity && claim.kind != IAuditRegistry.ClaimKind.EqualOpportunity;
    }

    /// @dev The highest rate less the lowest is the largest difference. A group without samples has no rate.
    function _isUneven(IAuditRegistry.Claim memory claim, Rate[] memory rates) private pure returns (bool) {
        Rate memory highest;
        Rate memory lowest;
        for (uint256 g = 0; g < rates.length; ++g) {
            Rate memory rate = rates[g];
            if (rate.samples == 0) continue;
            if (highest.samples == 0 || rate.hits * highest.samples > highest.hits * rate.samples) highest = rate;
            if (lowest.samples == 0 || rate.hits * lowest.samples < lowest.hits * rate.samples) lowest = rate;
        }
        uint256 difference = highest.hits * lowest.samples - lowest.hits * highest.samples;
        return difference * claim.denominator > claim.numerator * highest.samples * lowest.samples;
    }

    function _sum(Rate[] memory rates) private pure returns (Rate memory all) {
        for (uint256 g = 0; g < rates.length; ++g) {
            all.hits += rates[g].hits;
            all.samples += rates[g].samples;
        }
    }

    /// @dev One for each group. Accuracy and parity are about all samples of it, calibration about those whose bin is the claim's class or higher, the
    /// others about those of the claim's class.
    function _rates(IAuditRegistry.Claim memory claim, uint256[] memory counts, uint256 classes, uint256 bins)
        private
        pure
        returns (Rate[] memory rates)
    {
        bool ofClass = claim.kind == IAuditRegistry.ClaimKind.Recall || claim.kind == IAuditRegistry.ClaimKind.EqualOpportunity;
        bool isParity = claim.kind == IAuditRegistry.ClaimKind.Parity;
        uint256 lowest = claim.kind == IAuditRegistry.ClaimKind.Calibration ? claim.class : 0;
        rates = new Rate[](counts.length / (classes * classes * bins));
        for (uint256 i = 0; i < counts.length; ++i) {
            if (i % bins < lowest) continue;
            uint256 pair = i / bins;
            uint256 label = pair / classes;
            uint256 class = label % classes;
            if (ofClass && class != claim.class) continue;
            Rate memory rate = rates[label / classes];
            rate.samples += counts[i];
            if (pair % classes == (isParity ? claim.class : class)) rate.hits += counts[i];
        }
    }
}
