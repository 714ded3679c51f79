//! Checks a document against the schema, in graphql-core's words.

use super::ast::{Directive, Document, Field, Fragments, Literal, OperationKind, Selection};
use super::errors::{Errors, repeated};
use super::inputs::{Input, Shape};
use super::schema::{self, Object};
use super::{fragments, values, variables};

/// The one directive: it names the part of the user interface that asks, which MLflow ignores.
pub struct Component {
    /// Its name.
    pub name: &'static str,
    /// Its argument, a text that must be there.
    pub argument: &'static str,
}

/// `@component(name: …)`
pub const COMPONENT: Component = Component { name: "component", argument: "name" };

/// The type from which an operation selects, if MLflow has such operations.
#[must_use]
pub fn root_object(kind: OperationKind) -> Option<&'static Object> {
    match kind {
        OperationKind::Query => Some(&schema::QUERY),
        OperationKind::Mutation => Some(&schema::MUTATION),
        OperationKind::Subscription => None,
    }
}

/// All that is wrong with a document.
pub fn check(document: &Document) -> Result<(), Vec<String>> {
    let by_name = document.by_name();
    let mut check = Check { fragments: &by_name, errors: Errors::of_document() };
    check.names(document);
    for operation in &document.operations {
        let component = Some(operation.kind).filter(|kind| *kind != OperationKind::Subscription);
        check.directives(&operation.directives, operation.kind.word(), component.is_some());
        for variable in &operation.variables {
            check.directives(&variable.directives, "variable definition", false);
        }
        check.selections(&operation.selections, root_object(operation.kind));
        variables::check(operation, &by_name, &mut check.errors);
    }
    for fragment in &document.fragments {
        check.directives(&fragment.directives, "fragment definition", false);
        let on = check.condition(&fragment.on);
        check.selections(&fragment.selections, on);
    }
    fragments::check_circles(document, &by_name, &mut check.errors);
    fragments::check_unused(document, &by_name, &mut check.errors);
    check.errors.result()
}

struct Check<'d> {
    fragments: &'d Fragments<'d>,
    errors: Errors,
}

impl Check<'_> {
    fn names(&mut self, document: &Document) {
        let operations = || document.operations.iter();
        if document.operations.len() > 1 {
            for _ in operations().filter(|operation| operation.name.is_none()) {
                self.errors.add(|| "This anonymous operation must be the only defined operation.".to_owned());
            }
        }
        for name in repeated(operations().filter_map(|operation| operation.name.as_deref())) {
            self.errors.add(|| format!("There can be only one operation named '{name}'."));
        }
        for name in repeated(document.fragments.iter().map(|fragment| fragment.name.as_str())) {
            self.errors.add(|| format!("There can be only one fragment named '{name}'."));
        }
    }

    /// Checks what is selected from a type; from an unknown one, only what does not depend on it.
    fn selections(&mut self, selections: &[Selection], parent: Option<&'static Object>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(field, parent),
                Selection::Inline { on, directives, selections } => {
                    self.directives(directives, "inline fragment", false);
                    let on = on.as_deref().map_or(parent, |on| self.condition(on));
                    self.possible(parent, on, "Fragment");
                    self.selections(selections, on);
                }
                Selection::Spread { name, directives } => {
                    self.directives(directives, "fragment spread", false);
                    match self.fragments.get(name.as_str()) {
                        None => self.errors.add(|| format!("Unknown fragment '{name}'.")),
                        Some(fragment) => {
                            self.possible(parent, schema::object(&fragment.on), &format!("Fragment '{name}'"));
                        }
                    }
                }
            }
        }
    }

    fn field(&mut self, field: &Field, parent: Option<&'static Object>) {
        let Field { name, arguments, directives, selections, .. } = field;
        self.directives(directives, "field", false);
        let Some(parent) = parent else { return self.selections(selections, None) };
        if name == "__typename" {
            self.leaf(field, "String!");
            return self.arguments(arguments, None, || format!("field '{}.{name}'", parent.name));
        }
        let Some(known) = parent.field(name) else {
            self.errors.add(|| format!("Cannot query field '{name}' on type '{}'.", parent.name));
            return self.selections(selections, None);
        };
        let input = known.input.map(|input| ("input", Shape::one(Input::Object(input))));
        self.arguments(arguments, input, || format!("field '{}.{name}'", parent.name));
        match known.object() {
            None => self.leaf(field, &known.type_name()),
            Some(_) if selections.is_empty() => self.errors.add(|| {
                let kind = known.type_name();
                format!(
                    "Field '{name}' of type '{kind}' must have a selection of subfields. Did you mean '{name} {{ ... }}'?"
                )
            }),
            object => self.selections(selections, object),
        }
    }

    fn leaf(&mut self, field: &Field, kind: &str) {
        if !field.selections.is_empty() {
            let name = &field.name;
            self.errors
                .add(|| format!("Field '{name}' must not have a selection since type '{kind}' has no subfields."));
        }
    }

    fn arguments(&mut self, given: &[(String, Literal)], known: Option<(&str, Shape)>, place: impl Fn() -> String) {
        for name in repeated(given.iter().map(|(name, _)| name.as_str())) {
            self.errors.add(|| format!("There can be only one argument named '{name}'."));
        }
        for (name, value) in given {
            match known {
                Some((known, shape)) if known == name => values::check(value, shape, &mut self.errors),
                _ => self.errors.add(|| format!("Unknown argument '{name}' on {}.", place())),
            }
        }
    }

    fn directives(&mut self, directives: &[Directive], place: &str, allowed: bool) {
        let Component { name: component, argument } = COMPONENT;
        for Directive { name, arguments } in directives {
            if name != component {
                self.errors.add(|| format!("Unknown directive '@{name}'."));
                continue;
            }
            if !allowed {
                self.errors.add(|| format!("Directive '@{name}' may not be used on {place}."));
            }
            self.arguments(arguments, Some((argument, Shape::one(Input::Text))), || format!("directive '@{name}'"));
            if !arguments.iter().any(|(given, _)| given == argument) {
                self.errors.add(|| {
                    format!(
                        "Directive '@{name}' argument '{argument}' of type 'String!' is required, but it was not provided."
                    )
                });
            }
        }
        let known = directives.iter().map(|directive| directive.name.as_str()).filter(|name| *name == component);
        for name in repeated(known) {
            self.errors.add(|| format!("The directive '@{name}' can only be used once at this location."));
        }
    }

    /// The type that a fragment is made for.
    fn condition(&mut self, on: &str) -> Option<&'static Object> {
        let object = schema::object(on);
        if object.is_none() && (schema::is_leaf(on) || Input::named(on).is_some()) {
            self.errors.add(|| format!("Fragment cannot condition on non composite type '{on}'."));
        } else if object.is_none() {
            self.errors.add(|| format!("Unknown type '{on}'."));
        }
        object
    }

    fn possible(&mut self, parent: Option<&Object>, on: Option<&Object>, what: &str) {
        if let (Some(parent), Some(on)) = (parent, on)
            && parent.name != on.name
        {
            let (parent, on) = (parent.name, on.name);
            self.errors.add(|| {
                format!("{what} cannot be spread here as objects of type '{parent}' can never be of type '{on}'.")
            });
        }
    }
}
