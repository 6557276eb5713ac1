"""How the program logs: structlog to standard error, for people or for machines, personal data masked.

Event names are constant dotted words (`call.ended`), facts are keywords. Whatever a caller said, typed or is
called goes under a key that starts with `pii_`; it is masked here unless the operator asked for it.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import Processor

Format = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]

PII_PREFIX = "pii_"
MASK = "***"

_LEVELS: Mapping[str, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


_TRACEBACKS = structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
"""Frames without their variables: those hold what callers said, and tokens."""


def mask_personal_data(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace the value of every `pii_` key, however deep, and leave whether there was one."""
    for key, value in event.items():
        event[key] = _masked(key, value)
    return event


def _masked(key: str, value: Any) -> Any:
    if key.startswith(PII_PREFIX):
        return value if value is None else MASK
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), held) for inner, held in value.items()}
    if isinstance(value, list | tuple):
        return [_masked("", held) for held in value]
    return value


def configure_logging(
    *,
    output: Format = "console",
    level: Level = "info",
    personal_data: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Set up structlog and the standard library's root logger, once, at the edge of the process.

    `stream` None is standard error: standard output carries results. Libraries that use `logging` (uvicorn,
    websockets) come out in the same format, from `warning` up.
    """
    stream = stream or sys.stderr
    shared = _processors(personal_data=personal_data)
    renderer = _renderer(output, stream)
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,  # a cached logger would keep the first stream for good
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(_LEVELS[level], logging.WARNING))


def _processors(*, personal_data: bool) -> list[Processor]:
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    return shared if personal_data else [*shared, mask_personal_data]


def _renderer(output: Format, stream: TextIO) -> list[Processor]:
    if output == "json":
        return [_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
    frames = structlog.dev.RichTracebackFormatter(show_locals=False)
    return [structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=frames)]
