"""Logs the traces that the pages are to show, as an application does. Run with the Python of the client 3.18.0:

    MLFLOW_TRACKING_URI=… python talking.py EXPERIMENT_ID

Prints the ids of the trace that went well and of the one that did not.
"""

import sys
import warnings

warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
from mlflow.entities import AssessmentSource  # noqa: E402


@mlflow.trace(span_type="RETRIEVER", attributes={"almanac": "1893"})
def find(question):
    return [{"page_content": "Apples ripen in autumn.", "metadata": {"source": "almanac"}}]


@mlflow.trace(span_type="TOOL")
def calendar(month):
    return f"{month} is in autumn"


@mlflow.trace(name="answer", span_type="AGENT")
def answer(question, fails=False):
    mlflow.update_current_trace(tags={"team": "orchard"}, metadata={"mlflow.trace.session": "Monday", "mlflow.trace.user": "ann"})
    find(question)
    calendar("October")
    with mlflow.start_span("think", span_type="CHAT_MODEL") as span:
        span.set_inputs({"messages": [{"role": "user", "content": question}]})
        span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 120, "output_tokens": 40, "total_tokens": 160})
        span.set_attribute("mlflow.llm.cost", {"input_cost": 0.1, "output_cost": 0.2, "total_cost": 0.3})
        span.set_attribute("mlflow.llm.model", "pear-4")
        span.set_outputs({"choices": [{"message": {"role": "assistant", "content": "In autumn."}}]})
    if fails:
        raise ValueError("no such fruit")
    return "In autumn."


def main(experiment):
    mlflow.set_experiment(experiment_id=experiment)
    answer("When do apples ripen?")
    try:
        answer("And quinces?", True)
    except ValueError:
        pass
    mlflow.flush_trace_async_logging()
    traces = {trace.info.state.value: trace.info.trace_id for trace in mlflow.search_traces(locations=[experiment], return_type="list")}
    well = traces["OK"]
    ann = AssessmentSource(source_type="HUMAN", source_id="ann")
    mlflow.log_feedback(trace_id=well, name="polite", value=True, rationale="Friendly enough.", source=ann)
    mlflow.log_feedback(trace_id=well, name="score", value=0.75, source=AssessmentSource(source_type="CODE", source_id="check"))
    mlflow.log_expectation(trace_id=well, name="season", value="autumn", source=ann)
    print(well, traces["ERROR"])


main(sys.argv[1])
