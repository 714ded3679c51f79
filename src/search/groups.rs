//! Tokens to groups.
//!
//! MLflow does not parse a grammar: it lets a SQL formatter group tokens and picks the groups that it likes. So does
//! this: each step below folds a flat list into a shorter one, in one pass and without recursion, and the order of the
//! steps is what decides how odd input is read.

use super::lexer::{self, Kind, Token};
use super::parser::Operand;

/// What a run of tokens forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// A name with everything that hangs on it: `a`, `a.b`, `a."b c"`, `a.b[0]`, `a.f(x)`, `a DESC`.
    Identifier,
    Parenthesis,
    Brackets,
    Function,
    Operation,
    Comparison,
    List,
    Token(Kind),
}

/// Why there are no clauses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// Nothing but white space.
    Empty,
    /// Several statements, set apart by semicolons.
    Several,
    /// More tokens than anybody needs, or a NUL.
    Unreadable,
}

/// A group and where it stands, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) group: Group,
    start: usize,
    end: usize,
    /// Left, operator and right of a comparison; empty for everything else.
    pub(super) parts: Vec<Node>,
}

impl Node {
    pub(super) fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn operand<'a>(&self, source: &'a str) -> Operand<'a> {
        Operand { group: self.group, text: self.text(source) }
    }

    pub(super) fn is_keyword(&self, source: &str, keyword: &str) -> bool {
        self.group == Group::Token(Kind::Keyword) && self.text(source).eq_ignore_ascii_case(keyword)
    }
}

/// The groups of `source`, white space between them.
pub(super) fn nodes(source: &str) -> Result<Vec<Node>, Failure> {
    if source.contains('\0') {
        return Err(Failure::Unreadable);
    }
    let tokens = lexer::tokens(source).ok_or(Failure::Unreadable)?;
    if tokens.iter().all(|token| token.kind == Kind::Space) {
        return Err(Failure::Empty);
    }
    let ends = matching(&tokens);
    if has_several_statements(&tokens, &ends) {
        return Err(Failure::Several);
    }
    let nodes = operands(&tokens, &ends);
    let nodes = fold(nodes, Group::Operation, is_operator, is_operation_side, is_operation_side);
    let is_right = |node: &Node| is_comparison_side(node) || node.is_keyword(source, "NULL");
    let is_left = |node: &Node| is_right(node) || node.group == Group::Comparison;
    let nodes = fold(nodes, Group::Comparison, is_comparator, is_left, is_right);
    let nodes = fold_aliases(nodes);
    Ok(fold(nodes, Group::List, is_comma, is_listed, is_listed))
}

/// For each opening token that has a partner, the index of its partner.
fn matching(tokens: &[Token]) -> Vec<Option<usize>> {
    let mut ends = vec![None; tokens.len()];
    let (mut parentheses, mut brackets) = (Vec::new(), Vec::new());
    for (index, token) in tokens.iter().enumerate() {
        let open = match token.kind {
            Kind::Open => {
                parentheses.push(index);
                None
            }
            Kind::OpenBracket => {
                brackets.push(index);
                None
            }
            Kind::Close => parentheses.pop(),
            Kind::CloseBracket => brackets.pop(),
            _ => None,
        };
        if let Some(end) = open.and_then(|open| ends.get_mut(open)) {
            *end = Some(index);
        }
    }
    ends
}

fn has_several_statements(tokens: &[Token], ends: &[Option<usize>]) -> bool {
    let mut index = 0;
    let mut ended = false;
    while let Some(token) = tokens.get(index) {
        match token.kind {
            Kind::Space | Kind::Comment => {}
            _ if ended => return true,
            Kind::Semicolon => ended = true,
            _ => {}
        }
        index = ends.get(index).copied().flatten().unwrap_or(index) + 1;
    }
    false
}

/// Gathers parentheses, functions and the parts of dotted names.
fn operands(tokens: &[Token], ends: &[Option<usize>]) -> Vec<Node> {
    let reader = Reader { tokens, ends };
    let mut nodes = Vec::new();
    let mut index = 0;
    while let Some((mut group, mut last)) = reader.primary(index) {
        while let Some((longer, end)) = reader.extension(group, last) {
            (group, last) = (longer, end);
        }
        let start = tokens.get(index).map_or(0, |token| token.start);
        let end = tokens.get(last).map_or(start, |token| token.end);
        nodes.push(Node { group, start, end, parts: Vec::new() });
        index = last + 1;
    }
    nodes
}

struct Reader<'a> {
    tokens: &'a [Token],
    ends: &'a [Option<usize>],
}

impl Reader<'_> {
    fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    /// The next token that is not white space.
    fn after(&self, index: usize) -> Option<usize> {
        (index + 1..self.tokens.len()).find(|&next| self.kind(next) != Some(Kind::Space))
    }

    /// The group that starts at `index`, and its last token.
    fn primary(&self, index: usize) -> Option<(Group, usize)> {
        let kind = self.kind(index)?;
        let end = self.ends.get(index).copied().flatten();
        Some(match (kind, end) {
            (Kind::Open, Some(end)) => (Group::Parenthesis, end),
            (Kind::OpenBracket, Some(end)) => (Group::Brackets, end),
            (Kind::Name | Kind::Placeholder, _) if let Some(end) = self.parameters(index) => (Group::Function, end),
            (Kind::Name | Kind::Symbol, _) => (Group::Identifier, index),
            _ => (Group::Token(kind), index),
        })
    }

    /// Where the parentheses behind a name end.
    fn parameters(&self, name: usize) -> Option<usize> {
        let open = self.after(name).filter(|next| self.kind(*next) == Some(Kind::Open))?;
        self.ends.get(open).copied().flatten()
    }

    /// What `group`, which ends at `last`, becomes together with what follows it.
    fn extension(&self, group: Group, last: usize) -> Option<(Group, usize)> {
        let next = self.after(last)?;
        match self.kind(next)? {
            Kind::Joint if matches!(group, Group::Identifier | Group::Brackets) => {
                let member = self.after(next).and_then(|index| self.primary(index)).filter(|(group, _)| {
                    matches!(group, Group::Brackets | Group::Function | Group::Identifier)
                        || matches!(group, Group::Token(Kind::Wildcard | Kind::Text))
                });
                Some((Group::Identifier, member.map_or(next, |(_, end)| end)))
            }
            Kind::OpenBracket if matches!(group, Group::Identifier | Group::Function | Group::Brackets) => {
                self.ends.get(next).copied().flatten().map(|end| (Group::Identifier, end))
            }
            Kind::Order
                if matches!(
                    group,
                    Group::Identifier | Group::Token(Kind::Integer | Kind::Float | Kind::Hexadecimal)
                ) =>
            {
                Some((Group::Identifier, next))
            }
            Kind::Cast => {
                let (_, end) = self.primary(self.after(next)?)?;
                Some((Group::Identifier, end))
            }
            _ => None,
        }
    }
}

/// Joins `left middle right` into one node, from left to right.
fn fold(
    nodes: Vec<Node>,
    into: Group,
    is_middle: impl Fn(&Node) -> bool,
    is_left: impl Fn(&Node) -> bool,
    is_right: impl Fn(&Node) -> bool,
) -> Vec<Node> {
    let is_space = |node: &Node| node.group == Group::Token(Kind::Space);
    let mut out: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut rest = nodes.into_iter().peekable();
    while let Some(middle) = rest.next() {
        let left = out.iter().rposition(|node| !is_space(node)).filter(|_| is_middle(&middle));
        let Some(left) = left.filter(|at| out.get(*at).is_some_and(&is_left)) else {
            out.push(middle);
            continue;
        };
        let mut spaces = Vec::new();
        while let Some(space) = rest.next_if(is_space) {
            spaces.push(space);
        }
        let Some(right) = rest.next_if(&is_right) else {
            out.push(middle);
            out.append(&mut spaces);
            continue;
        };
        let before: Vec<Node> = out.drain(left..).collect();
        let Some(mut left) = before.into_iter().next() else { continue };
        left.parts.clear();
        let (start, end) = (left.start, right.end);
        let parts = if into == Group::Comparison { vec![left, middle, right] } else { Vec::new() };
        out.push(Node { group: into, start, end, parts });
    }
    out
}

/// Joins `thing name` into one name, as in SQL's `SELECT thing name`.
fn fold_aliases(nodes: Vec<Node>) -> Vec<Node> {
    let mut out: Vec<Node> = Vec::with_capacity(nodes.len());
    let mut open = false;
    for node in nodes {
        match node.group {
            Group::Identifier if open => {
                open = false;
                while out.pop_if(|last| last.group == Group::Token(Kind::Space)).is_some() {}
                if let Some(last) = out.last_mut() {
                    *last = Node { group: Group::Identifier, start: last.start, end: node.end, parts: Vec::new() };
                    continue;
                }
            }
            Group::Token(Kind::Space) => {}
            _ => open = can_be_aliased(node.group),
        }
        if node.group == Group::Identifier {
            open = true;
        }
        out.push(node);
    }
    out
}

fn can_be_aliased(group: Group) -> bool {
    matches!(group, Group::Parenthesis | Group::Function | Group::Identifier | Group::Operation | Group::Comparison)
        || matches!(group, Group::Token(Kind::Integer | Kind::Float | Kind::Hexadecimal))
}

fn is_operator(node: &Node) -> bool {
    matches!(node.group, Group::Token(Kind::Operator | Kind::Wildcard))
}

fn is_comparator(node: &Node) -> bool {
    node.group == Group::Token(Kind::Comparator)
}

fn is_comma(node: &Node) -> bool {
    node.group == Group::Token(Kind::Comma)
}

fn is_comparison_side(node: &Node) -> bool {
    matches!(node.group, Group::Identifier | Group::Parenthesis | Group::Function | Group::Operation)
        || matches!(node.group, Group::Token(Kind::Integer | Kind::Float | Kind::Text | Kind::Placeholder))
}

fn is_operation_side(node: &Node) -> bool {
    is_comparison_side(node) || node.group == Group::Brackets
}

fn is_listed(node: &Node) -> bool {
    let is_group = matches!(node.group, Group::Comparison | Group::List | Group::Token(Kind::Keyword | Kind::Wildcard));
    is_group || (is_comparison_side(node) && node.group != Group::Parenthesis)
}
