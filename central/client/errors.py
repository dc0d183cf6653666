"""What a caller of the client may meet.

CentreError            (a DongseonError)
├── CentreAway         no answer: nobody listens, or the line broke
├── Refused            4xx: the request is at fault
│   ├── NotThere           404, 410
│   ├── Conflicting        409: what is there forbids it
│   ├── ChangedMeanwhile   412: it was changed since it was read
│   └── TooOften           429
└── CentreFault        5xx, or an answer that is none
"""

from http import HTTPStatus

import httpx
from pydantic import ValidationError

from central.api.problems import Problem
from shared.errors import DongseonError


class CentreError(DongseonError):
    """The centre did not do what was asked. `problem` is what it said, None: nothing."""

    def __init__(self, message: str, problem: Problem | None = None) -> None:
        super().__init__(message)
        self.problem = problem


class CentreAway(CentreError):  # noqa: N818 - reads as the statement it is
    """No answer came."""


class Refused(CentreError):  # noqa: N818
    """The request is at fault; sent again it would be refused again."""


class NotThere(Refused):
    """It names something that is not there."""


class Conflicting(Refused):
    """What is there forbids it."""


class ChangedMeanwhile(Refused):
    """What it would change was changed since it was read."""


class TooOften(Refused):
    """More requests than one caller may send."""


class CentreFault(CentreError):  # noqa: N818
    """The centre is at fault, or what answered is no centre."""


_KINDS: dict[int, type[CentreError]] = {
    HTTPStatus.NOT_FOUND: NotThere,
    HTTPStatus.GONE: NotThere,
    HTTPStatus.CONFLICT: Conflicting,
    HTTPStatus.PRECONDITION_FAILED: ChangedMeanwhile,
    HTTPStatus.TOO_MANY_REQUESTS: TooOften,
}


def error_of(answer: httpx.Response) -> CentreError:
    """The error that `answer`, which is no success, stands for."""
    kind = _KINDS.get(answer.status_code, Refused if answer.is_client_error else CentreFault)
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        return kind(
            f"{answer.url} answered {answer.status_code} without saying why; is it a centre?"
        )
    return kind(f"{problem.title}: {problem.detail}", problem)
