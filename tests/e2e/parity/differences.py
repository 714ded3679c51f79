"""Where Tracklet deliberately answers other than MLflow 3.18.0: the one list.

A difference that is not here fails the parity suite, and so does an entry here that no longer occurs.
"""

import dataclasses
import fnmatch
import re


@dataclasses.dataclass(frozen=True)
class Difference:
    """`case` is a glob over "room/name"; `mlflow` and `tracklet` are regular expressions over an answer's summary line.

    With `lasting`, one of the two stored something that the other refused: where this occurred, later answers of the
    same case may differ.
    """

    case: str
    mlflow: str
    tracklet: str
    reason: str
    lasting: bool = False
    backend: str = "*"

    def covers(self, case, backend, mlflow, tracklet):
        return (self.applies_to(case, backend)
                and re.fullmatch(self.mlflow, mlflow, re.DOTALL) is not None
                and re.fullmatch(self.tracklet, tracklet, re.DOTALL) is not None)

    def applies_to(self, case, backend):
        return fnmatch.fnmatchcase(case, self.case) and fnmatch.fnmatchcase(backend, self.backend)


DIFFERENCES = [
]
