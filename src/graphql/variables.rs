//! Variables: declared, used, given.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::ast::{Directive, Fragments, Literal, Operation, Selection, TypeRef, Variable};
use super::errors::{Errors, repeated};
use super::inputs::{Input, Shape};
use super::schema::{self, Object};
use super::validate::{COMPONENT, root_object};
use super::values;

/// A place in which a variable is used, and the type that it must have there, as far as the schema knows one.
struct Use<'d> {
    name: &'d str,
    expected: Option<TypeRef>,
}

/// Collects what is wrong with the variables of an operation and with their uses in it and in its fragments.
pub fn check(operation: &Operation, fragments: &Fragments<'_>, errors: &mut Errors) {
    let place = operation.name.as_deref();
    operation.variables.iter().for_each(|variable| check_declared(variable, errors));
    for name in repeated(operation.variables.iter().map(|variable| variable.name.as_str())) {
        errors.add(|| format!("There can be only one variable named '${name}'."));
    }
    let declared: HashMap<&str, &Variable> =
        operation.variables.iter().map(|variable| (variable.name.as_str(), variable)).collect();
    let uses = uses(operation, fragments);
    for used in &uses {
        let Some(variable) = declared.get(used.name) else {
            let by = place.map(|name| format!(" by operation '{name}'")).unwrap_or_default();
            errors.add(|| format!("Variable '${}' is not defined{by}.", used.name));
            continue;
        };
        if let Some(expected) = used.expected.as_ref().filter(|expected| !fits(variable, expected)) {
            let Variable { name, kind, .. } = variable;
            errors.add(|| format!("Variable '${name}' of type '{kind}' used in position expecting type '{expected}'."));
        }
    }
    let names: HashSet<&str> = uses.iter().map(|used| used.name).collect();
    for variable in operation.variables.iter().filter(|variable| !names.contains(variable.name.as_str())) {
        let by = place.map(|name| format!(" in operation '{name}'")).unwrap_or_default();
        errors.add(|| format!("Variable '${}' is never used{by}.", variable.name));
    }
}

fn check_declared(variable: &Variable, errors: &mut Errors) {
    let Variable { name, kind, default, .. } = variable;
    match (Input::named(kind.name()), default) {
        (Some(input), Some(default)) => {
            values::check(default, Shape { input, list: kind.is_list() }, errors);
        }
        (Some(_), None) => {}
        (None, _) if schema::object(kind.name()).is_some() => {
            errors.add(|| format!("Variable '${name}' cannot be non-input type '{kind}'."));
        }
        (None, _) => errors.add(|| format!("Unknown type '{}'.", kind.name())),
    }
}

/// Whether a variable may stand where a type is expected.
fn fits(variable: &Variable, expected: &TypeRef) -> bool {
    match (&variable.kind, expected) {
        (TypeRef::Required(_), _) => is_subtype(&variable.kind, expected),
        (kind, TypeRef::Required(inner)) => {
            variable.default.as_ref().is_some_and(|default| *default != Literal::Null) && is_subtype(kind, inner)
        }
        (kind, expected) => is_subtype(kind, expected),
    }
}

fn is_subtype(kind: &TypeRef, expected: &TypeRef) -> bool {
    match (kind, expected) {
        (TypeRef::Required(kind), TypeRef::Required(expected)) | (TypeRef::List(kind), TypeRef::List(expected)) => {
            is_subtype(kind, expected)
        }
        (_, TypeRef::Required(_)) => false,
        (TypeRef::Required(kind), expected) => is_subtype(kind, expected),
        (kind, expected) => kind == expected,
    }
}

fn uses<'d>(operation: &'d Operation, fragments: &Fragments<'d>) -> Vec<Use<'d>> {
    let mut uses = Vec::new();
    of_directives(&operation.directives, &mut uses);
    let mut seen = HashSet::new();
    let mut waiting = vec![(operation.selections.as_slice(), root_object(operation.kind))];
    while let Some((selections, parent)) = waiting.pop() {
        for selection in selections {
            match selection {
                Selection::Field(field) => {
                    let known = parent.and_then(|parent| parent.field(&field.name));
                    for (name, value) in &field.arguments {
                        let input = known.and_then(|field| field.input).filter(|_| name == "input");
                        in_value(value, input.map(|input| Shape::one(Input::Object(input))), &mut uses);
                    }
                    of_directives(&field.directives, &mut uses);
                    waiting.push((&field.selections, known.and_then(schema::Field::object)));
                }
                Selection::Inline { on, directives, selections } => {
                    of_directives(directives, &mut uses);
                    let on: Option<&'static Object> = on.as_deref().map_or(parent, schema::object);
                    waiting.push((selections, on));
                }
                Selection::Spread { name, directives } => {
                    of_directives(directives, &mut uses);
                    if let Some(fragment) = fragments.get(name.as_str()).filter(|_| seen.insert(name)) {
                        waiting.push((&fragment.selections, schema::object(&fragment.on)));
                    }
                }
            }
        }
    }
    uses
}

fn of_directives<'d>(directives: &'d [Directive], uses: &mut Vec<Use<'d>>) {
    for (name, value) in directives.iter().flat_map(|directive| &directive.arguments) {
        match value {
            Literal::Variable(variable) if name == COMPONENT.argument => {
                let expected = TypeRef::Required(Box::new(Shape::one(Input::Text).type_ref()));
                uses.push(Use { name: variable, expected: Some(expected) });
            }
            value => in_value(value, None, uses),
        }
    }
}

fn in_value<'d>(value: &'d Literal, shape: Option<Shape>, uses: &mut Vec<Use<'d>>) {
    match value {
        Literal::Variable(name) => uses.push(Use { name, expected: shape.map(Shape::type_ref) }),
        Literal::List(items) => items.iter().for_each(|item| in_value(item, shape.map(Shape::item), uses)),
        Literal::Object(fields) => {
            for (name, value) in fields {
                let object =
                    shape.and_then(|shape| if let Input::Object(object) = shape.input { Some(object) } else { None });
                in_value(value, object.and_then(|object| object.field(name)), uses);
            }
        }
        _ => {}
    }
}

/// The values of an operation's variables, from the request and from the defaults.
pub fn given(operation: &Operation, request: &Map<String, Value>) -> Result<Map<String, Value>, Vec<String>> {
    let (mut values, mut errors) = (Map::new(), Errors::of_variables());
    for Variable { name, kind, default, .. } in &operation.variables {
        let required = matches!(kind, TypeRef::Required(_));
        match (request.get(name), default) {
            (None, Some(default)) => {
                let shape = Input::named(kind.name()).map(|input| Shape { input, list: kind.is_list() });
                let value = shape.and_then(|shape| values::json(default, shape, &Map::new()));
                values.extend(value.map(|value| (name.clone(), value)));
            }
            (None, None) if required => {
                errors.add(|| format!("Variable '${name}' of required type '{kind}' was not provided."));
            }
            (None, None) => {}
            (Some(Value::Null), _) if required => {
                errors.add(|| format!("Variable '${name}' of non-null type '{kind}' must not be null."));
            }
            (Some(value), _) => {
                values.insert(name.clone(), values::coerce(value, kind, name, &mut errors));
            }
        }
    }
    errors.result().map(|()| values)
}
