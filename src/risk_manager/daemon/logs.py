"""The logs: JSON lines in rotating files, written by a thread of their own."""

import json
import logging
import queue
import re
from collections.abc import Callable, Mapping, MutableMapping
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

LARGEST = 10_000_000
"""Bytes of a log file before it is turned over."""
KEPT = 5
NAMES = ("daemon", "enforcement", "api")
_SECRET_KEYS = frozenset({"api_key", "apikey", "token", "password", "access_token", "authorization"})
_TOKEN = re.compile(r"(access_token=|Bearer\s+)[^\s&\"']+", re.IGNORECASE)


def hide_secrets(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Blank what must never be written: keys, tokens and passwords, by name and by look."""
    for key, value in event.items():
        if key.lower() in _SECRET_KEYS:
            event[key] = "(hidden)"
        elif isinstance(value, str):
            event[key] = _TOKEN.sub(r"\1(hidden)", value)
    return event


class _QuietQueueHandler(QueueHandler):
    """Passes records on as they are: they are text already."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


def open_logs(log_file: Callable[[str], Path]) -> Callable[[], None]:
    """Send every log to its file, errors to the error log too; returns what writes the rest and closes them.

    Raises `OSError` when a file cannot be written.
    """
    errors = _file(log_file("error"))
    errors.setLevel(logging.ERROR)
    listeners: list[QueueListener] = []
    handlers: list[logging.Handler] = [errors]
    for name in NAMES:
        handler = _file(log_file(name))
        waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
        logger = logging.getLogger(f"risk_manager.{name}")
        logger.handlers = [_QuietQueueHandler(waiting)]
        logger.setLevel(logging.INFO)
        logger.propagate = False
        listener = QueueListener(waiting, handler, errors, respect_handler_level=True)
        listener.start()
        listeners.append(listener)
        handlers.append(handler)
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_logger_of,
        cache_logger_on_first_use=False,
    )

    def close() -> None:
        for listener in listeners:
            listener.stop()
        for name in NAMES:
            logging.getLogger(f"risk_manager.{name}").handlers.clear()
        for handler in handlers:
            handler.close()
        structlog.reset_defaults()

    return close


def _logger_of(name: str = "daemon", *_: object) -> logging.Logger:
    return logging.getLogger(f"risk_manager.{name if name in NAMES else 'daemon'}")


def _file(path: Path) -> RotatingFileHandler:
    handler = RotatingFileHandler(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler


def _to_json(event: object, **_: object) -> str:
    return json.dumps(event, default=str, ensure_ascii=False)
