"""Libraries that quantise, kept quiet and off the network."""

import contextlib
import importlib
import io
import logging
import sys
import warnings
from collections.abc import Iterator
from typing import Any

_TELEMETRY = "openvino_telemetry"


def load_nncf() -> Any:  # noqa: ANN401 - untyped library
    """NNCF, without the package by which it would report to its makers.

    NNCF makes its reporter when it is imported, and none where the package is missing; the
    variables that switch it off come too late, for the reporter writes an identity file first.

    Raises:
        ImportError: it is not installed.
    """
    if "nncf" in sys.modules:
        return sys.modules["nncf"]
    before = sys.modules.get(_TELEMETRY)
    sys.modules[_TELEMETRY] = None  # type: ignore[assignment]  # how Python marks what is not there
    try:
        with quietly():
            nncf = importlib.import_module("nncf")
    finally:
        if before is None:
            del sys.modules[_TELEMETRY]
        else:
            sys.modules[_TELEMETRY] = before
    nncf.set_log_level(logging.ERROR)
    return nncf


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """What libraries print, log below errors or warn about inside is dropped."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)
