"""Structured logs on standard error: a constant event name, values in fields, no secrets.

Secrets are kept out by type (`kit.secret.Secret` prints a mask) and by never logging request bodies,
headers or remote answers.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def configure(*, level: str, json_lines: bool) -> None:
    """Send our events and the libraries' warnings to standard error in one form."""
    renderer: Any = structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processor=renderer, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(number, logging.WARNING))


def get_logger(name: str) -> Any:
    """A logger whose events carry the part of the product they come from."""
    return structlog.get_logger(part=name)
