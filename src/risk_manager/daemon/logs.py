"""The log files of a home: rotating, and written by a thread of their own."""

import logging
import queue
from collections.abc import Callable
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path

from risk_manager.daemon.event_log import JsonLines

LARGEST = 10_000_000
"""Bytes of a log file before it is turned over."""
KEPT = 5
"""Older files that are kept of each log."""
NAMES = ("daemon", "enforcement", "api")


class _Passing(QueueHandler):
    """Hands records on as they are; whoever writes them makes text of them."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


class _Patient(RotatingFileHandler):
    """Leaves out what a full disk does not take; the store says so to people, who are to see no traceback."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  the standard library's name
        """Let the line go."""


def open_logs(log_file: Callable[[str], Path]) -> Callable[[], None]:
    """Send every log to its file, and errors to the error log too; returns what closes them.

    Raises `OSError` when a file cannot be written.
    """
    handlers: list[RotatingFileHandler] = []
    try:
        handlers.extend(_rotating(log_file(name)) for name in ("error", *NAMES))
    except OSError:
        _close(handlers)
        raise
    errors = handlers[0]
    errors.setLevel(logging.ERROR)
    listeners = [_listen(name, handler, errors) for name, handler in zip(NAMES, handlers[1:], strict=True)]

    def close() -> None:
        for name, listener in zip(NAMES, listeners, strict=True):
            logging.getLogger(f"risk_manager.{name}").handlers.clear()
            listener.stop()
        _close(handlers)

    return close


def _listen(name: str, handler: logging.Handler, errors: logging.Handler) -> QueueListener:
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    logger = logging.getLogger(f"risk_manager.{name}")
    logger.handlers = [_Passing(waiting)]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    listener = QueueListener(waiting, handler, errors, respect_handler_level=True)
    listener.start()
    return listener


def _rotating(path: Path) -> RotatingFileHandler:
    handler = _Patient(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(JsonLines())
    return handler


def _close(handlers: list[RotatingFileHandler]) -> None:
    for handler in handlers:
        handler.close()
