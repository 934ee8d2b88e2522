"""The server's log: one line an event, JSON for machines or readable on a terminal, each masked before it is written.

Everything goes through here, also what uvicorn and libraries say by the standard library's logging.
"""

import logging
import sys
from typing import Any

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from api.core.masking import masked_value
from api.core.settings import Settings

OURS = {"timestamp", "level", "logger", "request_id"}
"""What the log itself adds: nothing of a person's."""

SERVER_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi")


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last step before a line is written."""
    return {key: value if key in OURS else masked_value(value, key) for key, value in event.items()}


def access(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """uvicorn's access line in parts, its query masked like any other text."""
    parts = event.pop("positional_args", ())
    if event.get("logger") != "uvicorn.access" or len(parts) != 5:
        return event
    client, method, path, _, status = parts
    address = str(client).rpartition(":")[0]
    return {**event, "event": "request", "client": address, "method": method, "path": path, "status": status}


SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,  # as text, so that it is masked: never with the values of variables
)


class Handler(logging.StreamHandler[Any]):
    """Ours, so that a second set-up finds the first; writes to what stderr is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stderr


def configure_logging(settings: Settings) -> None:
    """Once a process; again is harmless."""
    is_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    renderer: Processor = (
        structlog.processors.JSONRenderer(default=str)
        if is_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            pass_foreign_args=True,
            processors=[access, structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [kept for kept in root.handlers if not isinstance(kept, Handler)] + [handler]
    logging.getLogger("api").setLevel(logging.INFO)
    for name in SERVER_LOGGERS:
        logger = logging.getLogger(name)
        if logger.handlers or logger.propagate:  # --no-access-log leaves neither
            logger.handlers, logger.propagate = [], True
