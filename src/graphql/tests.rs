//! Documents and what becomes of them before anything is looked up.

use serde_json::{Map, Value, json};

use super::prepare::prepare;
use super::select::select;
use super::wire::Graphql;
use super::{ast, parser};

fn each(count: usize, piece: impl Fn(usize) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

fn ask(query: &str, variables: Value) -> Graphql {
    let variables = variables.as_object().cloned().unwrap_or_default();
    Graphql { query: query.to_owned(), variables, operation_name: None }
}

/// The one error of a document.
fn error(query: &str, variables: Value) -> String {
    prepare(&ask(query, variables)).expect("a document").expect_err("an error").join(" | ")
}

/// The answer to a document whose root fields are all answered with `message`.
fn answer(query: &str, variables: Value, message: &Value) -> Value {
    let plan = prepare(&ask(query, variables)).expect("a document").expect("a plan");
    plan.iter().map(|line| (line.key.clone(), select(&line.inner, message))).collect::<Map<_, _>>().into()
}

#[test]
fn what_cannot_be_read() {
    let cases = [
        ("", "Unexpected <EOF>. (line 1, column 1)"),
        ("{", "Unexpected <EOF>. (line 1, column 2)"),
        ("{}", "Unexpected '}'. (line 1, column 2)"),
        ("{\n  a b\n  é}", "Unexpected character: '\\u{e9}'. (line 3, column 3)"),
        ("{a(b:)}", "Unexpected ')'. (line 1, column 6)"),
        ("{a()}", "Unexpected ')'. (line 1, column 4)"),
        ("{a(b:01)}", "Invalid number. (line 1, column 6)"),
        ("{a(b:1.)}", "Invalid number. (line 1, column 6)"),
        ("{a(b:1x)}", "Invalid number. (line 1, column 6)"),
        ("{a(b:\"x)}", "Invalid or unterminated string. (line 1, column 6)"),
        ("{a(b:\"\\q\")}", "Invalid or unterminated string. (line 1, column 6)"),
        ("{a(b:\"\n\")}", "Invalid or unterminated string. (line 1, column 6)"),
        ("{a(b:\"\"\"x\\\"\"\")}", "Unterminated string. (line 1, column 6)"),
        ("query Q($a:Int=$b){a}", "Unexpected '$'. (line 1, column 16)"),
        ("fragment on on Query{a}", "Unexpected Name 'on'. (line 1, column 10)"),
        ("type A{b:String}", "Unexpected Name 'type'. (line 1, column 1)"),
        ("{a ... }", "Unexpected '}'. (line 1, column 8)"),
    ];
    for (query, expected) in cases {
        let error = parser::parse(query).expect_err(query);
        assert_eq!(error.message(), format!("Syntax Error: {expected}"), "{query}");
    }
}

#[test]
fn what_a_document_says() {
    let cases = [
        ("{a(b:-0)}", "-0"),
        ("{a(b:1.5e-3)}", "1.5e-3"),
        ("{a(b:123456789012345678901234567890)}", "123456789012345678901234567890"),
        ("{a(b:[1,,2 3])}", "[1, 2, 3]"),
        ("{a(b:{c:$d e:null f:[] g:{}})}", "{c: $d, e: null, f: [], g: {}}"),
        (r#"{a(b:"\u0041\n\"")}"#, r#""A\n\"""#),
        ("{a(b:\"\"\"\n    x\n      y\n\n  \"\"\")}", r#""x\n  y""#),
        ("{a(b:\"\"\"x \\\"\"\" y\"\"\")}", r#""x \"\"\" y""#),
        ("\u{feff}# all\n{a(b:truest)}", "truest"),
    ];
    for (query, expected) in cases {
        let document = parser::parse(query).expect(query);
        let Some(ast::Selection::Field(field)) = document.operations[0].selections.first() else { panic!("{query}") };
        assert_eq!(field.arguments[0].1.to_string(), expected, "{query}");
    }
}

const F: &str = "{ mlflowGetExperiment(input:{experimentId:\"1\"}) { experiment { @ } } }";

/// Recorded from MLflow 3.18.0, its guesses left out.
#[test]
fn what_is_wrong_with_a_selection() {
    let cases = [
        ("nope", "Cannot query field 'nope' on type 'MlflowExperiment'."),
        ("name{x}", "Field 'name' must not have a selection since type 'String' has no subfields."),
        ("__typename{x}", "Field '__typename' must not have a selection since type 'String!' has no subfields."),
        (
            "tags",
            "Field 'tags' of type '[MlflowExperimentTag!]' must have a selection of subfields. Did you mean 'tags { ... }'?",
        ),
        (
            "a:name a:experimentId",
            "Fields 'a' conflict because 'name' and 'experimentId' are different fields. Use different aliases on the fields \
             to fetch both if this was intentional.",
        ),
        ("... on MlflowRun{info{runId}}", "Unknown type 'MlflowRun'."),
        ("... on String{name}", "Fragment cannot condition on non composite type 'String'."),
        (
            "... on MlflowParam{key}",
            "Fragment cannot be spread here as objects of type 'MlflowExperiment' can never be of type 'MlflowParam'.",
        ),
        ("name@skip(if:true)@include(if:true)", "Unknown directive '@skip'. | Unknown directive '@include'."),
        ("name@component(name:\"x\")", "Directive '@component' may not be used on field."),
        ("name(x:1)", "Unknown argument 'x' on field 'MlflowExperiment.name'."),
        ("...F", "Unknown fragment 'F'."),
    ];
    for (selection, expected) in cases {
        assert_eq!(error(&F.replace('@', selection), json!({})), expected, "{selection}");
    }
}

/// Recorded from MLflow 3.18.0, its guesses left out.
#[test]
fn what_is_wrong_with_a_document() {
    let cases = [
        ("{nope}", "Cannot query field 'nope' on type 'Query'."),
        ("query Q {...F} fragment F on Query{...F}", "Cannot spread fragment 'F' within itself."),
        (
            "query Q {...F} fragment F on Query{...G} fragment G on Query{...F}",
            "Cannot spread fragment 'F' within itself via 'G'.",
        ),
        ("query Q {__typename} fragment F on Query{a:__typename}", "Fragment 'F' is never used."),
        (
            "query A{__typename} query B{__typename}",
            "Must provide operation name if query contains multiple operations.",
        ),
        ("query A{__typename} query A{__typename}", "There can be only one operation named 'A'."),
        ("subscription {__typename}", "Schema is not configured to execute subscription operation."),
        ("query Q($d:MlflowGetRunInput!){__typename}", "Variable '$d' is never used in operation 'Q'."),
        ("{mlflowGetRun(input:$d){apiError{code}}}", "Variable '$d' is not defined."),
        (
            "query($d:MlflowGetRunInput!){mlflowSearchRuns(input:$d){nextPageToken}}",
            "Variable '$d' of type 'MlflowGetRunInput!' used in position expecting type 'MlflowSearchRunsInput'.",
        ),
        (
            "query Q($d:String){mlflowSearchRuns(input:{experimentIds:$d}){nextPageToken}}",
            "Variable '$d' of type 'String' used in position expecting type '[String]'.",
        ),
        (
            "query Q($d:MlflowRunInfo){mlflowGetRun(input:$d){apiError{code}}}",
            "Variable '$d' cannot be non-input type \
          'MlflowRunInfo'. | Variable '$d' of type 'MlflowRunInfo' used in position expecting type 'MlflowGetRunInput'.",
        ),
        ("{mlflowGetRun(input:{runId:1}){apiError{code}}}", "String cannot represent a non string value: 1"),
        ("{mlflowGetRun(input:{nope:1}){apiError{code}}}", "Field 'nope' is not defined by type 'MlflowGetRunInput'."),
        (
            "{mlflowGetRun(input:[{runId:\"x\"}]){apiError{code}}}",
            "Expected value of type 'MlflowGetRunInput', found [{runId: \"x\"}].",
        ),
        ("{mlflowSearchRuns(input:{maxResults:1.5}){nextPageToken}}", "Int cannot represent non-integer value: 1.5"),
        (
            "{mlflowSearchRuns(input:{maxResults:99999999999}){nextPageToken}}",
            "Int cannot represent non 32-bit signed integer value: 99999999999",
        ),
        (
            "{mlflowSearchRuns(input:{runViewType:NOPE}){nextPageToken}}",
            "Value 'NOPE' does not exist in 'MlflowViewType' enum.",
        ),
        (
            "query Q @component{__typename}",
            "Directive '@component' argument 'name' of type 'String!' is required, but it was not provided.",
        ),
        (
            "query Q($d:String) @component(name:$d){__typename}",
            "Variable '$d' of type 'String' used in position expecting type 'String!'.",
        ),
        (
            "{mlflowGetRun(input:{runId:\"a\"}){run{x:info{runId}}} mlflowGetRun(input:{runId:\"a\"}){run{x:data{tags{key}}}}}",
            "Fields 'mlflowGetRun' conflict because subfields 'run' conflict because subfields 'x' conflict because 'info' and \
             'data' are different fields. Use different aliases on the fields to fetch both if this was intentional.",
        ),
        (
            "{mlflowGetRun(input:{runId:\"a\"}){apiError{code}} mlflowGetRun(input:{runId:\"b\"}){apiError{code}}}",
            "Fields 'mlflowGetRun' conflict because they have differing arguments. Use different aliases on the fields to fetch \
             both if this was intentional.",
        ),
    ];
    for (query, expected) in cases {
        assert_eq!(error(query, json!({ "d": null })), expected, "{query}");
    }
}

/// Recorded from MLflow 3.18.0.
#[test]
fn what_is_wrong_with_a_variable() {
    let query = "query Q($d:MlflowSearchRunsInput!){ mlflowSearchRuns(input:$d) { nextPageToken } }";
    let got = |what: &str| format!("Variable '$d' got invalid value {what}");
    let cases = [
        (json!({}), "Variable '$d' of required type 'MlflowSearchRunsInput!' was not provided.".to_owned()),
        (json!({"d": null}), "Variable '$d' of non-null type 'MlflowSearchRunsInput!' must not be null.".to_owned()),
        (json!({"d": 5}), got("5; Expected type 'MlflowSearchRunsInput' to be a mapping.")),
        (
            json!({"d": {"experimentIds": [1]}}),
            got("1 at 'd.experimentIds[0]'; String cannot represent a non string value: 1"),
        ),
        (json!({"d": {"maxResults": "5"}}), got("'5' at 'd.maxResults'; Int cannot represent non-integer value: '5'")),
        (
            json!({"d": {"maxResults": true}}),
            got("True at 'd.maxResults'; Int cannot represent non-integer value: True"),
        ),
        (
            json!({"d": {"maxResults": 99_999_999_999_u64}}),
            got("99999999999 at 'd.maxResults'; Int cannot represent non 32-bit signed integer value: 99999999999"),
        ),
        (
            json!({"d": {"runViewType": "NOPE"}}),
            got("'NOPE' at 'd.runViewType'; Value 'NOPE' does not exist in 'MlflowViewType' enum."),
        ),
        (
            json!({"d": {"filter": vec!["x"; 12]}}),
            got(
                "['x', 'x', 'x', 'x', 'x', ..., 'x', 'x', 'x', 'x'] at 'd.filter'; String cannot represent a non string value: \
                 ['x', 'x', 'x', 'x', 'x', ..., 'x', 'x', 'x', 'x']",
            ),
        ),
        (
            json!({"d": {"nope": {"a": {"b": 1}}}}),
            got("{'nope': {'a': {...}}}; Field 'nope' is not defined by type 'MlflowSearchRunsInput'."),
        ),
    ];
    for (variables, expected) in cases {
        assert_eq!(error(query, variables.clone()), expected, "{variables}");
    }
}

#[test]
fn limits_are_mlflows() {
    let nested = |depth: usize| "{a".repeat(depth) + &"}".repeat(depth);
    let aliases = |count: usize| each(count, |at| format!("a{at}:name "));
    let in_place = |selection: String| F.replace('@', &selection);
    let unknown = "Cannot query field 'a' on type 'Query'.";
    let cases = [
        (nested(10), unknown),
        (nested(11), "Query exceeds maximum depth of 10"),
        (
            format!("{{{}}}", "__typename ".repeat(11)),
            "GraphQL queries should have at most 10 root fields, got 11 root fields.",
        ),
        (in_place(aliases(11)), "GraphQL queries should have at most 10 aliases, got 11 aliases."),
        (in_place("name ".repeat(1000)), "Query exceeds maximum total selections of 1000"),
        (
            format!("{{...F}} fragment F on Query{{{}}}", "...F ".repeat(10_000) + "a"),
            "Cannot query field 'a' on type 'Query'. | Cannot spread fragment 'F' within itself.",
        ),
    ];
    for (query, expected) in cases {
        let found = error(&query, json!({}));
        assert!(found.starts_with(expected), "{expected}: {}", &found[..found.len().min(300)]);
    }
}

/// The largest documents that are taken, of the shapes that cost the most: none may keep a server busy.
#[test]
fn nothing_grows_beyond_its_size() {
    let fill = |head: &str, piece: &str, tail: &str| head.to_owned() + &piece.repeat(60_000 / piece.len()) + tail;
    let chain: String = each(999, |at| format!("fragment f{at} on Query{{...f{}}} ", at + 1));
    let doubling: String =
        each(40, |at| format!("fragment f{at} on Query{{a{{...f{n} ...f{n}}}b{{...f{n}}}}} ", n = at + 1));
    let cases = [
        fill("{a(b:", "[", ")}"),
        fill("", "{a", ""),
        fill("{", "...{", "a"),
        fill("query Q($a:", "[", ""),
        fill("{", "...F ", "} fragment F on Query{__typename}"),
        fill("{...F} fragment F on Query{", "...F ", "...F}"),
        fill("{mlflowGetRun(input:{", "a:1 ", "}){apiError{code}}}"),
        fill("query Q(", "$a:A ", "){a}"),
        fill("{a(", "b:$c ", ")}"),
        fill("{a", "@b ", "}"),
        fill("", "{a}", ""),
        fill("", "query Q{...F}", "fragment F on Query{...F}"),
        format!("{{...f0}} {chain} fragment f999 on Query{{...f0}}"),
        format!("{{...f0}} {doubling} fragment f40 on Query{{a}}"),
    ];
    for query in cases {
        let began = std::time::Instant::now();
        let outcome = prepare(&ask(&query, json!({})));
        assert!(began.elapsed().as_secs() < 5, "{}: {:?}", &query[..60], began.elapsed());
        if let Ok(Err(errors)) = outcome {
            assert!(errors.len() <= 101, "{}: {} errors", &query[..60], errors.len());
        }
    }
    let too_long = " ".repeat(70_000);
    assert!(parser::parse(&too_long).is_err());
}

#[test]
fn messages_are_selected_from() {
    let message = json!({
        "run": {
            "info": {"run_id": "r", "status": "FINISHED", "start_time": 1},
            "data": {"metrics": [{"key": "a", "value": 1.5, "step": 9_007_199_254_740_993_i64}, {"key": "n", "value": "NaN"}]},
        },
    });
    let run = |selection: &str| format!("{{r:mlflowGetRun(input:{{runId:\"r\"}}){{{selection}}}}}");
    let cases = [
        ("__typename apiError{code}", json!({"__typename": "MlflowGetRunResponse", "apiError": null})),
        (
            "run{__typename info{status startTime endTime userId}}",
            json!({"run": {"__typename": "MlflowRunExtension",
                "info": {"status": "FINISHED", "startTime": "1", "endTime": "0", "userId": ""}}}),
        ),
        (
            "run{data{metrics{value step} params{key}}}",
            json!({"run": {"data": {"metrics": [{"value": 1.5, "step": "9007199254740993"}, {"value": null, "step": "0"}],
                "params": []}}}),
        ),
        ("run{outputs{modelOutputs{modelId}}}", json!({"run": {"outputs": {"modelOutputs": []}}})),
        (
            "run{modelVersions{name} inputs{__typename}}",
            json!({"run": {"modelVersions": [], "inputs": {"__typename": "MlflowRunInputs"}}}),
        ),
        (
            "run{b:info{runId} info{c:status}} run{info{runId} ...{info{userId}}}",
            json!({"run": {"b": {"runId": "r"}, "info": {"c": "FINISHED", "runId": "r", "userId": ""}}}),
        ),
    ];
    for (selection, expected) in cases {
        assert_eq!(answer(&run(selection), json!({}), &message), json!({ "r": expected }), "{selection}");
    }
}

#[test]
fn operations_are_chosen_by_name() {
    let named = |name: Option<&str>| {
        let mut request = ask("query A{a:__typename} query B{b:__typename}", json!({}));
        request.operation_name = name.map(str::to_owned);
        prepare(&request).expect("a document").map(|plan| plan[0].key.clone()).map_err(|errors| errors.join(" | "))
    };
    assert_eq!(named(Some("B")), Ok("b".to_owned()));
    assert_eq!(named(Some("C")), Err("Unknown operation named 'C'.".to_owned()));
    assert_eq!(named(Some("")), Err("Unknown operation named ''.".to_owned()));
}
