"""A log of named events with fields: one JSON object a line, made only when somebody keeps it.

The standard library does it: structlog loads rich wherever that is installed, 7 MB in a daemon without a screen.
"""

import json
import logging
import re
from collections.abc import Mapping
from datetime import UTC, datetime

logging.getLogger("risk_manager").addHandler(logging.NullHandler())  # without files, nobody is shown bare event names

SECRET_FIELDS = frozenset({"api_key", "apikey", "token", "password", "access_token", "authorization"})
HIDDEN = "(hidden)"
_TOKEN = re.compile(r"(access_token=|Bearer\s+)[^\s&\"'\\]+", re.IGNORECASE)


class EventLog:
    """One log by name; an event is a few words with underscores, everything else are fields."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(f"risk_manager.{name}")

    @property
    def keeps_details(self) -> bool:
        """Whether details are kept: what costs something to tell is told only then."""
        return self._logger.isEnabledFor(logging.DEBUG)

    def debug(self, event: str, **fields: object) -> None:
        """Note a detail, for whoever looks for a fault."""
        self._logger.debug(event, extra={"fields": fields})

    def info(self, event: str, **fields: object) -> None:
        """Note what is as it should be."""
        self._logger.info(event, extra={"fields": fields})

    def warning(self, event: str, **fields: object) -> None:
        """Note what is amiss and being dealt with."""
        self._logger.warning(event, extra={"fields": fields})

    def error(self, event: str, **fields: object) -> None:
        """Note what somebody should look at."""
        self._logger.error(event, extra={"fields": fields})

    def exception(self, event: str, **fields: object) -> None:
        """Note a defect, with the traceback of the exception that is being handled."""
        self._logger.exception(event, extra={"fields": fields})  # noqa: LOG004  called inside one


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        fields: Mapping[str, object] = getattr(record, "fields", {})
        line |= {key: HIDDEN if key.lower() in SECRET_FIELDS else value for key, value in fields.items()}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _TOKEN.sub(rf"\1{HIDDEN}", json.dumps(line, default=str, ensure_ascii=False))
