//! From a request to a plan, without looking anything up.

use super::ast::{Document, Operation};
use super::plan::{Planner, Selected};
use super::validate::root_object;
use super::wire::Graphql;
use super::{limits, parser, validate, variables};
use crate::error::Result;

/// The lines of the answer, or what is wrong with the request. The outer error is that it is no document at all.
pub fn prepare(request: &Graphql) -> Result<Result<Vec<Selected>, Vec<String>>> {
    let document = parser::parse(&request.query)?;
    Ok(plan(&document, request))
}

fn plan(document: &Document, request: &Graphql) -> Result<Vec<Selected>, Vec<String>> {
    limits::check(document).map_err(one)?;
    validate::check(document)?;
    let operation = chosen(document, request.operation_name.as_deref()).map_err(one)?;
    let Some(root) = root_object(operation.kind) else {
        let kind = operation.kind.word();
        return Err(one(format!("Schema is not configured to execute {kind} operation.")));
    };
    let variables = variables::given(operation, &request.variables)?;
    let planner = Planner { fragments: &document.by_name(), variables: &variables };
    planner.plan(&operation.selections, root).map_err(one)
}

fn one(error: String) -> Vec<String> {
    vec![error]
}

fn chosen<'d>(document: &'d Document, name: Option<&str>) -> Result<&'d Operation, String> {
    let operations = &document.operations;
    match (name, operations.as_slice()) {
        (None, [operation]) => Ok(operation),
        (None, []) => Err("Must provide an operation.".to_owned()),
        (None, _) => Err("Must provide operation name if query contains multiple operations.".to_owned()),
        (Some(name), _) => {
            let found = operations.iter().find(|operation| operation.name.as_deref() == Some(name));
            found.ok_or_else(|| format!("Unknown operation named '{name}'."))
        }
    }
}
