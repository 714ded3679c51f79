//! Which traces are recorded.

use uuid::Uuid;

/// Decides whether a trace is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampler {
    /// Whether the caller's decision is followed, where there is a caller.
    pub follows_parent: bool,
    /// Of 2^63 traces, how many.
    share: u64,
}

/// Every trace.
const ALL: u64 = 1 << 63;

impl Sampler {
    /// Records a share of the traces, from 0 to 1. Of two samplers the one with the smaller share records none that
    /// the other does not.
    #[must_use]
    pub fn new(follows_parent: bool, ratio: f64) -> Self {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "the product lies between 0 and 2^63"
        )]
        let share = (ratio.clamp(0.0, 1.0) * ALL as f64) as u64;
        Self { follows_parent, share }
    }

    /// Whether a trace is recorded. `parent` is the decision of the caller, if there is one.
    #[must_use]
    pub fn records(&self, trace_id: u128, parent: Option<bool>) -> bool {
        // By the bits that other implementations of `traceidratio` take, so that all choose the same traces.
        let chosen = || Uuid::from_u128(trace_id).as_u64_pair().1 >> 1 < self.share;
        parent.filter(|_| self.follows_parent).unwrap_or_else(chosen)
    }
}

impl Default for Sampler {
    fn default() -> Self {
        Self::new(true, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_followed_or_shares_taken() {
        let (low, middle, high) = (1_u128 << 64, 0x4000_0000_0000_0000_u128 << 1, u128::MAX);
        for (follows, ratio, trace, parent, expected) in [
            (true, 1.0, high, None, true),
            (true, 1.0, low, Some(false), false),
            (true, 0.0, low, Some(true), true),
            (true, 0.0, low, None, false),
            (false, 0.0, low, Some(true), false),
            (false, 1.0, high, Some(false), true),
            (false, 0.5, low, Some(false), true),
            (false, 0.5, middle - 1, None, true),
            (false, 0.5, middle, None, false),
            (true, 0.5, high, None, false),
            (false, f64::NAN, low, None, false),
            (false, 7.0, high, None, true),
        ] {
            let sampler = Sampler::new(follows, ratio);
            assert_eq!(sampler.records(trace, parent), expected, "{sampler:?} {trace:x} {parent:?}");
        }
    }
}
