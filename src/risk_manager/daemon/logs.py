"""The log files of a home: rotating, and written by a thread of their own."""

import logging
import queue
from collections.abc import Callable
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path

from risk_manager.daemon.event_log import JsonLines
from risk_manager.daemon.log_file import LogFile

NAMES = ("daemon", "enforcement", "api")


class _Passing(QueueHandler):
    """Hands records on as they are; whoever writes them makes text of them."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


def open_logs(log_file: Callable[[str], Path]) -> Callable[[], None]:
    """Send every log to its file, and errors to the error log too; returns what closes them.

    Raises `OSError` when a file cannot be written.
    """
    handlers: list[LogFile] = []
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


def set_level(level: str) -> None:
    """Keep events of this level and above, from now on: debug, info, warning or error."""
    for name in NAMES:
        logging.getLogger(f"risk_manager.{name}").setLevel(level.upper())


def _listen(name: str, handler: logging.Handler, errors: logging.Handler) -> QueueListener:
    waiting: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    logger = logging.getLogger(f"risk_manager.{name}")
    logger.handlers = [_Passing(waiting)]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    listener = QueueListener(waiting, handler, errors, respect_handler_level=True)
    listener.start()
    return listener


def _rotating(path: Path) -> LogFile:
    file = LogFile(path)
    file.setFormatter(JsonLines())
    return file


def _close(handlers: list[LogFile]) -> None:
    for handler in handlers:
        handler.close()
