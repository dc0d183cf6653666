"""The centre, asked from Python: `CentralClient`, the API's own models, and errors by kind."""

from central.client.client import CentralClient
from central.client.errors import (
    CentreAway,
    CentreError,
    CentreFault,
    ChangedMeanwhile,
    Conflicting,
    NotThere,
    Refused,
    TooOften,
)
from central.client.transport import Retries

__all__ = [
    "CentralClient",
    "CentreAway",
    "CentreError",
    "CentreFault",
    "ChangedMeanwhile",
    "Conflicting",
    "NotThere",
    "Refused",
    "Retries",
    "TooOften",
]
