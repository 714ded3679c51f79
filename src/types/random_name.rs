//! Names for runs and logged models whose clients gave none: `amber-otter-417`.

use uuid::Uuid;

// No word is longer than seven letters, so that a name never has more than nineteen characters.
const ADJECTIVES: [&str; 64] = [
    "agile", "amber", "ample", "azure", "brave", "breezy", "bright", "brisk", "calm", "candid", "clear", "clever",
    "cosmic", "cozy", "crisp", "daring", "dapper", "deft", "eager", "early", "fair", "fleet", "fluent", "fond",
    "frank", "fresh", "gentle", "glad", "golden", "grand", "hardy", "honest", "humble", "jolly", "keen", "kind",
    "lively", "lucid", "lunar", "mellow", "merry", "mild", "modest", "neat", "nimble", "noble", "patient", "plucky",
    "polite", "prompt", "proud", "quick", "quiet", "rapid", "ready", "rustic", "serene", "sharp", "silver", "solar",
    "steady", "sunny", "vivid", "warm",
];
const NOUNS: [&str; 64] = [
    "acorn", "alder", "anchor", "aspen", "badger", "bamboo", "basil", "beacon", "birch", "bison", "brook", "canyon",
    "cedar", "cobalt", "comet", "condor", "coral", "cove", "crane", "delta", "dune", "ember", "falcon", "fern",
    "finch", "fjord", "garnet", "geyser", "glacier", "gorge", "grove", "harbor", "hazel", "heron", "island", "jasper",
    "juniper", "kestrel", "lagoon", "lark", "laurel", "lotus", "maple", "marsh", "meadow", "mesa", "nebula", "oasis",
    "orchid", "osprey", "otter", "pebble", "petrel", "plover", "quartz", "raven", "reef", "river", "sparrow", "summit",
    "thicket", "tundra", "valley", "willow",
];

/// A new name of the form `adjective-noun-number`, of at most 20 characters. Names may occur twice.
#[must_use]
pub fn generate() -> String {
    from_number(Uuid::new_v4().as_u128())
}

fn from_number(number: u128) -> String {
    // The bits are taken from both ends: the middle of a random UUID has its version and variant.
    let adjective = pick(&ADJECTIVES, number >> 122);
    let noun = pick(&NOUNS, number >> 116);
    format!("{adjective}-{noun}-{}", (number & 0xffff_ffff) % 1000)
}

fn pick(words: &[&'static str; 64], bits: u128) -> &'static str {
    words.get((bits & 63) as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_short_and_differ() {
        for words in [ADJECTIVES, NOUNS] {
            assert!(words.iter().all(|word| (3..=7).contains(&word.len())));
            assert_eq!(words.iter().collect::<std::collections::HashSet<_>>().len(), words.len());
        }
    }

    #[test]
    fn names() {
        let cases = [
            (0, "agile-acorn-0"),
            (u128::MAX, "warm-willow-295"),
            ((1 << 122) | (2 << 116) | 0x7cf, "amber-anchor-999"),
        ];
        for (number, expected) in cases {
            assert_eq!(from_number(number), expected);
        }
        assert_ne!(generate(), generate());
    }
}
