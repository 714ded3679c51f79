"""A prediction service as a team writes it: it loads what an alias of the registry names and answers over HTTP.

    MLFLOW_TRACKING_URI=… MODEL_URI=models:/forest@champion uvicorn serving:app
"""

import contextlib
import os

import mlflow
import pandas
from fastapi import FastAPI

MODEL_URI = os.environ["MODEL_URI"]
model = None


def load():
    global model
    model = mlflow.pyfunc.load_model(MODEL_URI)
    return {"uri": MODEL_URI, "run_id": model.metadata.run_id}


@contextlib.asynccontextmanager
async def lifespan(_):
    load()
    yield


app = FastAPI(lifespan=lifespan)


@app.post("/reload")
def reload():
    """After the alias was moved."""
    return load()


@app.post("/predict")
def predict(rows: list[dict[str, float]]):
    return {"predictions": model.predict(pandas.DataFrame(rows)).tolist()}
