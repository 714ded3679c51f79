//! Reads a document.

use super::ast::{
    Directive, Document, Field, Fragment, Literal, Operation, OperationKind, Selection, TypeRef, Variable,
};
use super::lexer::{Lexer, Token};
use crate::error::{Error, Result};

/// The longest document in bytes. The web UI's are below 3000.
const MAX_DOCUMENT: usize = 64 * 1024;
/// How deep selections, values and types may be nested.
const MAX_NESTING: usize = 100;

/// Reads a whole document.
pub fn parse(text: &str) -> Result<Document> {
    if text.len() > MAX_DOCUMENT {
        return Err(Error::invalid(format!("The GraphQL document is longer than {MAX_DOCUMENT} bytes.")));
    }
    let mut lexer = Lexer::new(text);
    let next = lexer.token()?;
    let mut parser = Parser { lexer, next, depth: 0 };
    let mut document = Document::default();
    loop {
        match &parser.next {
            Token::Name("fragment") => document.fragments.push(parser.fragment()?),
            _ => document.operations.push(parser.operation()?),
        }
        if parser.next == Token::End {
            return Ok(document);
        }
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    next: Token<'a>,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn advance(&mut self) -> Result<Token<'a>> {
        let next = self.lexer.token()?;
        Ok(std::mem::replace(&mut self.next, next))
    }

    fn unexpected(&self) -> Error {
        self.lexer.wrong(&format!("Unexpected {}.", self.next))
    }

    fn eat(&mut self, mark: char) -> Result<bool> {
        let there = self.next == Token::Mark(mark);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn mark(&mut self, mark: char) -> Result<()> {
        if self.eat(mark)? { Ok(()) } else { Err(self.unexpected()) }
    }

    fn name(&mut self) -> Result<String> {
        let Token::Name(name) = self.next else { return Err(self.unexpected()) };
        self.advance()?;
        Ok(name.to_owned())
    }

    /// Reads something that may contain its own kind.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth == MAX_NESTING {
            return Err(self.lexer.wrong(&format!("The document is nested deeper than {MAX_NESTING} levels.")));
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }

    /// Items up to a closing mark, which is eaten.
    fn until<T>(&mut self, closing: char, mut read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = Vec::new();
        while !self.eat(closing)? {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// At least one item in brackets, or none without the brackets.
    fn optional<T>(&mut self, marks: (char, char), read: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        if !self.eat(marks.0)? {
            return Ok(Vec::new());
        }
        if self.next == Token::Mark(marks.1) {
            return Err(self.unexpected());
        }
        self.until(marks.1, read)
    }

    fn operation(&mut self) -> Result<Operation> {
        let kind = match &self.next {
            Token::Mark('{') => {
                let (kind, name) = (OperationKind::Query, None);
                let selections = self.selections()?;
                return Ok(Operation { kind, name, variables: Vec::new(), directives: Vec::new(), selections });
            }
            Token::Name("query") => OperationKind::Query,
            Token::Name("mutation") => OperationKind::Mutation,
            Token::Name("subscription") => OperationKind::Subscription,
            _ => return Err(self.unexpected()),
        };
        self.advance()?;
        let name = if matches!(self.next, Token::Name(_)) { Some(self.name()?) } else { None };
        let variables = self.optional(('(', ')'), Self::variable)?;
        let directives = self.directives()?;
        Ok(Operation { kind, name, variables, directives, selections: self.selections()? })
    }

    fn fragment(&mut self) -> Result<Fragment> {
        self.advance()?;
        if self.next == Token::Name("on") {
            return Err(self.unexpected());
        }
        let name = self.name()?;
        if self.next != Token::Name("on") {
            return Err(self.unexpected());
        }
        self.advance()?;
        let on = self.name()?;
        let directives = self.directives()?;
        Ok(Fragment { name, on, directives, selections: self.selections()? })
    }

    fn variable(&mut self) -> Result<Variable> {
        self.mark('$')?;
        let name = self.name()?;
        self.mark(':')?;
        let kind = self.kind()?;
        let default = if self.eat('=')? { Some(self.value(true)?) } else { None };
        Ok(Variable { name, kind, default, directives: self.directives()? })
    }

    fn kind(&mut self) -> Result<TypeRef> {
        let kind = if self.eat('[')? {
            let inner = self.nested(Self::kind)?;
            self.mark(']')?;
            TypeRef::List(Box::new(inner))
        } else {
            TypeRef::Named(self.name()?)
        };
        Ok(if self.eat('!')? { TypeRef::Required(Box::new(kind)) } else { kind })
    }

    fn selections(&mut self) -> Result<Vec<Selection>> {
        if self.next != Token::Mark('{') {
            return Err(self.unexpected());
        }
        self.nested(|parser| parser.optional(('{', '}'), Self::selection))
    }

    fn selection(&mut self) -> Result<Selection> {
        if self.next != Token::Spread {
            return self.field().map(Selection::Field);
        }
        self.advance()?;
        let on = match self.next {
            Token::Name("on") => {
                self.advance()?;
                Some(self.name()?)
            }
            Token::Name(_) => {
                return Ok(Selection::Spread { name: self.name()?, directives: self.directives()? });
            }
            _ => None,
        };
        let directives = self.directives()?;
        Ok(Selection::Inline { on, directives, selections: self.selections()? })
    }

    fn field(&mut self) -> Result<Field> {
        let first = self.name()?;
        let (alias, name) = if self.eat(':')? { (Some(first), self.name()?) } else { (None, first) };
        let arguments = self.optional(('(', ')'), |parser| parser.pair(false))?;
        let directives = self.directives()?;
        let selections = if self.next == Token::Mark('{') { self.selections()? } else { Vec::new() };
        Ok(Field { alias, name, arguments, directives, selections })
    }

    fn directives(&mut self) -> Result<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.eat('@')? {
            let name = self.name()?;
            directives.push(Directive { name, arguments: self.optional(('(', ')'), |parser| parser.pair(false))? });
        }
        Ok(directives)
    }

    fn pair(&mut self, constant: bool) -> Result<(String, Literal)> {
        let name = self.name()?;
        self.mark(':')?;
        Ok((name, self.value(constant)?))
    }

    /// A value; in a `constant` one there are no variables.
    fn value(&mut self, constant: bool) -> Result<Literal> {
        let value = match &self.next {
            Token::Mark('$') if !constant => {
                self.advance()?;
                return self.name().map(Literal::Variable);
            }
            Token::Mark('[') => {
                self.advance()?;
                return self.nested(|parser| parser.until(']', |parser| parser.value(constant))).map(Literal::List);
            }
            Token::Mark('{') => {
                self.advance()?;
                return self.nested(|parser| parser.until('}', |parser| parser.pair(constant))).map(Literal::Object);
            }
            Token::Int(text) => Literal::Int((*text).to_owned()),
            Token::Float(text) => Literal::Float((*text).to_owned()),
            Token::Text(text) => Literal::Text(text.clone()),
            Token::Name("true") => Literal::Flag(true),
            Token::Name("false") => Literal::Flag(false),
            Token::Name("null") => Literal::Null,
            Token::Name(word) => Literal::Word((*word).to_owned()),
            _ => return Err(self.unexpected()),
        };
        self.advance()?;
        Ok(value)
    }
}
