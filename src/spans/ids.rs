//! Ids that nobody else has.

use uuid::Uuid;

/// An id for a trace that begins here. Its lower half is random in every bit, because samplers compare it.
#[must_use]
pub fn new_trace_id() -> u128 {
    // A UUID has six bits that are always the same; turned, they meet others.
    let (one, other) = (Uuid::new_v4().as_u64_pair(), Uuid::new_v4().as_u64_pair());
    let mixed = |a: u64, b: u64| u128::from(a ^ b.rotate_left(4));
    mixed(one.0, other.0) << 64 | mixed(one.1, other.1)
}

/// An id for a span; never 0, which means none.
#[must_use]
pub fn new_span_id() -> u64 {
    // The uppermost bit of this half of a UUID is always set.
    Uuid::new_v4().as_u64_pair().1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_of_an_id_may_be_either() {
        let ids: Vec<u128> = (0..200).map(|_| new_trace_id()).collect();
        assert_eq!(ids.iter().fold(0, |all, id| all | id), u128::MAX);
        assert_eq!(ids.iter().fold(u128::MAX, |all, id| all & id), 0);
    }
}
