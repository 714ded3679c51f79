//! What a filter or an ordering says, ready to become SQL. `S` is what a room can filter or order by.

/// One of the conditions of a filter; a filter holds where all of them hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition<S> {
    /// What is compared.
    pub subject: S,
    /// How.
    pub op: Op,
    /// With what.
    pub value: Value,
}

/// A comparison. Which of them go with a subject is checked before a [`Condition`] is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `LIKE`: `%` and `_` are wildcards, case matters.
    Like,
    /// `ILIKE`: as `LIKE`, case does not matter.
    ILike,
    /// `RLIKE`: the text matches a regular expression somewhere.
    RLike,
    /// `IN` a list.
    In,
    /// `NOT IN` a list.
    NotIn,
    /// `IS NULL`: the key is absent.
    IsNull,
    /// `IS NOT NULL`: the key is present.
    IsNotNull,
}

impl Op {
    const ALL: [(Self, &'static str); 13] = [
        (Self::Eq, "="),
        (Self::Ne, "!="),
        (Self::Gt, ">"),
        (Self::Ge, ">="),
        (Self::Lt, "<"),
        (Self::Le, "<="),
        (Self::Like, "LIKE"),
        (Self::ILike, "ILIKE"),
        (Self::RLike, "RLIKE"),
        (Self::In, "IN"),
        (Self::NotIn, "NOT IN"),
        (Self::IsNull, "IS NULL"),
        (Self::IsNotNull, "IS NOT NULL"),
    ];

    /// Reads an upper-case comparator.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find_map(|(op, name)| (*name == text).then_some(*op))
    }

    /// The comparison as SQL writes it.
    #[must_use]
    pub fn as_sql(self) -> &'static str {
        Self::ALL.iter().find_map(|(op, name)| (*op == self).then_some(*name)).unwrap_or_default()
    }
}

/// The right side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number for a metric, or one with a fraction for a time; may be infinite, and NaN for logged models.
    Number(f64),
    /// A whole number; what does not fit was brought to the nearest that does.
    Int(i64),
    /// The list of [`Op::In`] and [`Op::NotIn`] over whole numbers; may be empty for logged models.
    Ints(Vec<i64>),
    /// A text, without NUL.
    Text(String),
    /// The list of [`Op::In`] and [`Op::NotIn`] over texts; may be empty for logged models.
    Texts(Vec<String>),
    /// Nothing, for [`Op::IsNull`] and [`Op::IsNotNull`].
    Nothing,
}

/// One step of an ordering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderBy<S> {
    /// What is ordered by.
    pub subject: S,
    /// Smallest first?
    pub ascending: bool,
}
