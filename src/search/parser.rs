//! Text to clauses: of the groups of a filter, those that are comparisons, and the rest to complain about.

pub(super) use super::groups::Failure;
use super::groups::{self, Group, Node};
use super::lexer::Kind;

/// A piece of a filter.
#[derive(Debug)]
pub(super) enum Clause<'a> {
    And,
    Comparison(Comparison<'a>),
    /// What belongs to no comparison.
    Invalid(&'a str),
}

/// `left operator right`; there is no `right` for `IS NULL` and `IS NOT NULL`.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) left: Operand<'a>,
    /// As written, but `NOT IN`, `IS NULL` and `IS NOT NULL` in that very form.
    pub(super) operator: &'a str,
    pub(super) right: Option<Operand<'a>>,
}

/// One side of a comparison, as written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operand<'a> {
    pub(super) group: Group,
    pub(super) text: &'a str,
}

/// Splits a filter into its clauses. With `timestamp`, that word is a name before a comparison with a whole number.
pub(super) fn clauses(source: &str, timestamp: bool) -> Result<Vec<Clause<'_>>, Failure> {
    let mut nodes = groups::nodes(source)?;
    nodes.retain(|node| node.group != Group::Token(Kind::Space));
    Ok(clauses_of(source, &nodes, timestamp))
}

/// The text of an ordering if it is one name, with or without a direction; `None` if it is anything else. Of the words
/// that SQL reserves, `timestamp` is a name too.
pub(super) fn single_identifier(source: &str) -> Result<Option<&str>, Failure> {
    let nodes = groups::nodes(source)?;
    let is_timestamp = |node: &Node| is_timestamp(source, node);
    let is_space = |node: &Node| node.group == Group::Token(Kind::Space);
    Ok(match nodes.as_slice() {
        [node] if node.group == Group::Identifier || is_timestamp(node) => Some(source),
        [first, between @ .., last] if is_timestamp(first) && between.iter().all(is_space) => {
            (last.group == Group::Token(Kind::Order)).then_some(source)
        }
        _ => None,
    })
}

fn is_timestamp(source: &str, node: &Node) -> bool {
    node.group == Group::Token(Kind::Keyword) && node.text(source) == "timestamp"
}

/// Names the clauses, and finds `IN`, `NOT IN`, `IS NULL` and `IS NOT NULL`, which SQL does not count as comparisons.
///
/// A name in front of something else hides up to three pieces behind it, so that they are reported and not read.
fn clauses_of<'a>(source: &'a str, nodes: &[Node], timestamp: bool) -> Vec<Clause<'a>> {
    let mut clauses = Vec::with_capacity(nodes.len());
    let mut rest = nodes;
    while let [first, after @ ..] = rest {
        let is = |node: &Node, keyword| node.is_keyword(source, keyword);
        let membership = |operator, list: &Node| Comparison {
            left: first.operand(source),
            operator,
            right: Some(list.operand(source)),
        };
        let presence = |operator| Comparison { left: first.operand(source), operator, right: None };
        let time = |operator: &Node, number: &Node| Comparison {
            left: first.operand(source),
            operator: operator.text(source),
            right: Some(number.operand(source)),
        };
        let (comparison, taken) = match after {
            [a, number, ..]
                if timestamp
                    && is_timestamp(source, first)
                    && a.group == Group::Token(Kind::Comparator)
                    && [">", ">=", "!=", "=", "<", "<="].contains(&a.text(source))
                    && number.group == Group::Token(Kind::Integer) =>
            {
                (Some(time(a, number)), 3)
            }
            _ if first.group != Group::Identifier => (None, 1),
            [a, list, ..] if is(a, "IN") && list.group == Group::Parenthesis => (Some(membership("IN", list)), 3),
            [a, b, ..] if is(a, "IS") && is(b, "NULL") => (Some(presence("IS NULL")), 3),
            [a, b, ..] if is(a, "IS") && is(b, "NOT NULL") => (Some(presence("IS NOT NULL")), 3),
            [a, b, list, ..] if is(a, "NOT") && is(b, "IN") && list.group == Group::Parenthesis => {
                (Some(membership("NOT IN", list)), 4)
            }
            _ => (None, 4),
        };
        match comparison {
            Some(comparison) => clauses.push(Clause::Comparison(comparison)),
            None => clauses.extend(rest.iter().take(taken).map(|node| clause_of(source, node))),
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    clauses
}

fn clause_of<'a>(source: &'a str, node: &Node) -> Clause<'a> {
    match node.parts.as_slice() {
        [left, operator, right] => Clause::Comparison(Comparison {
            left: left.operand(source),
            operator: operator.text(source),
            right: Some(right.operand(source)),
        }),
        _ if node.is_keyword(source, "AND") => Clause::And,
        _ => Clause::Invalid(node.text(source)),
    }
}
