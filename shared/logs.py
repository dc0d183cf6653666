"""Structured logs: JSON lines for machines, coloured lines at a terminal."""

import logging
import sys
from typing import TextIO

import structlog


def configure_logs(*, json: bool, level: str = "info", stream: TextIO | None = None) -> None:
    """Send every log line of the process to `stream` (standard error unless given).

    Args:
        json: one JSON object a line; otherwise lines for people.
        level: `debug`, `info`, `warning` or `error`.
        stream: where to write.
    """
    out = stream or sys.stderr
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.PrintLoggerFactory(out),
        cache_logger_on_first_use=True,
    )
