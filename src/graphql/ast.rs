//! A document as the client wrote it.

use std::collections::HashMap;
use std::fmt;

/// Operations and fragments, in the order of the document.
#[derive(Debug, Default)]
pub struct Document {
    /// Queries and the like.
    pub operations: Vec<Operation>,
    /// Named parts of selections.
    pub fragments: Vec<Fragment>,
}

/// Fragments by their names.
pub type Fragments<'d> = HashMap<&'d str, &'d Fragment>;

impl Document {
    /// The fragments by their names.
    #[must_use]
    pub fn by_name(&self) -> Fragments<'_> {
        self.fragments.iter().map(|fragment| (fragment.name.as_str(), fragment)).collect()
    }
}

/// What an operation wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Read.
    Query,
    /// In general, write; MLflow's mutations only read as well.
    Mutation,
    /// Follow. MLflow has none.
    Subscription,
}

impl OperationKind {
    /// The word that introduces it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// `query Name($variable: Type) @directive { … }`
#[derive(Debug)]
pub struct Operation {
    /// What it does.
    pub kind: OperationKind,
    /// Its name, by which `operationName` chooses it.
    pub name: Option<String>,
    /// The variables that it declares.
    pub variables: Vec<Variable>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it selects.
    pub selections: Vec<Selection>,
}

/// `$name: Type = default`
#[derive(Debug)]
pub struct Variable {
    /// The name, without the dollar.
    pub name: String,
    /// The declared type.
    pub kind: TypeRef,
    /// What it is when the request does not say.
    pub default: Option<Literal>,
    /// Its directives.
    pub directives: Vec<Directive>,
}

/// A type as a document names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeRef {
    /// `Name`
    Named(String),
    /// `[Item]`
    List(Box<TypeRef>),
    /// `Type!`
    Required(Box<TypeRef>),
}

impl TypeRef {
    /// The innermost name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::Required(inner) => inner.name(),
        }
    }
}

impl TypeRef {
    /// Whether it is a list, there or not.
    #[must_use]
    pub fn is_list(&self) -> bool {
        match self {
            Self::Named(_) => false,
            Self::List(_) => true,
            Self::Required(inner) => inner.is_list(),
        }
    }
}

impl fmt::Display for TypeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::List(inner) => write!(f, "[{inner}]"),
            Self::Required(inner) => write!(f, "{inner}!"),
        }
    }
}

/// `fragment Name on Type { … }`
#[derive(Debug)]
pub struct Fragment {
    /// Its name.
    pub name: String,
    /// The type that it selects from.
    pub on: String,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it selects.
    pub selections: Vec<Selection>,
}

/// A line of a selection.
#[derive(Debug)]
pub enum Selection {
    /// `name`
    Field(Field),
    /// `...Name`
    Spread {
        /// The fragment.
        name: String,
        /// Its directives.
        directives: Vec<Directive>,
    },
    /// `... on Type { … }`
    Inline {
        /// The type, if it is said.
        on: Option<String>,
        /// Its directives.
        directives: Vec<Directive>,
        /// What it selects.
        selections: Vec<Selection>,
    },
}

/// `alias: name(argument: value) @directive { … }`
#[derive(Debug)]
pub struct Field {
    /// Another name in the answer.
    pub alias: Option<String>,
    /// The field.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<(String, Literal)>,
    /// Its directives.
    pub directives: Vec<Directive>,
    /// What it selects in turn; empty for a leaf.
    pub selections: Vec<Selection>,
}

impl Field {
    /// The name in the answer.
    #[must_use]
    pub fn key(&self) -> &str {
        self.alias.as_deref().unwrap_or(&self.name)
    }
}

/// `@name(argument: value)`
#[derive(Debug)]
pub struct Directive {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<(String, Literal)>,
}

/// A value in a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `$name`
    Variable(String),
    /// A number without a fraction, as written.
    Int(String),
    /// Any other number, as written.
    Float(String),
    /// A string, unescaped.
    Text(String),
    /// `true` or `false`
    Flag(bool),
    /// `null`
    Null,
    /// A bare word.
    Word(String),
    /// `[a, b]`
    List(Vec<Literal>),
    /// `{name: value}`
    Object(Vec<(String, Literal)>),
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "${name}"),
            Self::Int(text) | Self::Float(text) | Self::Word(text) => f.write_str(text),
            Self::Text(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Null => f.write_str("null"),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(ToString::to_string).collect();
                write!(f, "[{}]", items.join(", "))
            }
            Self::Object(fields) => {
                let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                write!(f, "{{{}}}", fields.join(", "))
            }
        }
    }
}
