"""GraphQL documents with the operations and fields that MLflow's web UI asks for, and how they are sent."""

import re

from parity.case import post, raw

INFO = "info { runName status runUuid experimentId artifactUri endTime lifecycleStage startTime userId }"
EXPERIMENT = "experiment { experimentId name tags { key value } artifactLocation lifecycleStage lastUpdateTime }"
DATA = "data { metrics { key value step timestamp } params { key value } tags { key value } }"
DATASETS = "datasetInputs { dataset { digest name profile schema source sourceType } tags { key value } }"
INPUTS = f"inputs {{ {DATASETS} modelInputs {{ modelId }} }}"
OUTPUTS = "outputs { modelOutputs { modelId step } }"
API_ERROR = "apiError { helpUrl code message }"
COMPONENT = '@component(name: "MLflow.ExperimentRunTracking")'

GET_EXPERIMENT = f"""
query MlflowGetExperimentQuery($input: MlflowGetExperimentInput!) {COMPONENT} {{
  mlflowGetExperiment(input: $input) {{
    apiError {{ code message }}
    experiment {{
      artifactLocation creationTime effectiveTraceArchivalRetention experimentId lastUpdateTime lifecycleStage name
      tags {{ key value }}
    }}
  }}
}}"""

# 3.18 and 2.17.2
GET_RUN = f"""
query GetRun($data: MlflowGetRunInput!) {COMPONENT} {{
  mlflowGetRun(input: $data) {{
    {API_ERROR} run {{ {INFO} {EXPERIMENT} modelVersions {{ status version name source }} {DATA} {INPUTS} {OUTPUTS} }}
  }}
}}"""
GET_RUN_2 = f"""
query GetRun($data: MlflowGetRunInput!) {COMPONENT} {{
  mlflowGetRun(input: $data) {{
    {API_ERROR} run {{ {INFO} {EXPERIMENT} modelVersions {{ status version name source }} {DATA} inputs {{ {DATASETS} }} }}
  }}
}}"""

SEARCH_RUNS = f"""
query SearchRuns($data: MlflowSearchRunsInput!) {{
  mlflowSearchRuns(input: $data) {{
    {API_ERROR}
    runs {{ {INFO} {EXPERIMENT} {DATA} {INPUTS} {OUTPUTS} modelVersions {{ version name creationTimestamp status source }} }}
  }}
}}"""

METRIC_HISTORY = f"""
query GetMetricHistoryBulkInterval($data: MlflowGetMetricHistoryBulkIntervalInput!) {COMPONENT} {{
  mlflowGetMetricHistoryBulkInterval(input: $data) {{
    metrics {{ timestamp step runId key value }} apiError {{ code message }}
  }}
}}"""


def typed(document):
    """With `__typename` in every selection but the outermost, as the UI's library sends it."""
    inner, outer = document.rstrip().rsplit("}", 1)
    return re.sub(r"(?<!\{)\}", " __typename }", inner) + "}" + outer


def ask(query, variables=None, operation=None):
    """Variables are always sent, as the UI does."""
    body = {"query": query, "variables": {} if variables is None else variables}
    return post("/graphql", body | ({"operationName": operation} if operation is not None else {}))


def ask_by_get(body):
    return raw("GET", "/graphql", body)
