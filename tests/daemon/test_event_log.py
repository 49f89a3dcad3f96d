import json
import logging
import subprocess
import sys
from typing import Any

from risk_manager.daemon.event_log import EventLog, JsonLines


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


def logged(log: str) -> tuple[EventLog, Kept]:
    kept = Kept()
    logger = logging.getLogger(f"risk_manager.{log}")
    logger.handlers = [kept]
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return EventLog(log), kept


def test_an_event_is_one_line_of_json_with_its_fields() -> None:
    log, kept = logged("test-a")
    log.info("plan_begun", account_id=7, text="a\nb")
    (line,) = kept.lines
    assert (line["event"], line["level"], line["account_id"], line["text"]) == ("plan_begun", "info", 7, "a\nb")


def test_secrets_are_hidden_by_name_and_by_look() -> None:
    log, kept = logged("test-b")
    log.warning("login", api_key="k-1", url="wss://x/hubs/user?access_token=abc.def&y=1", head="Bearer abc")
    text = json.dumps(kept.lines)
    assert "k-1" not in text
    assert "abc" not in text
    assert "(hidden)" in text


def test_a_defect_is_logged_with_its_traceback_without_secrets() -> None:
    log, kept = logged("test-c")
    try:
        int("wss://x?access_token=geheim")
    except ValueError:
        log.exception("broke")
    assert "ValueError" in kept.lines[0]["traceback"]
    assert "geheim" not in json.dumps(kept.lines)


def test_a_command_without_log_files_shows_nobody_the_bare_name_of_an_event() -> None:
    code = "from risk_manager.daemon.event_log import EventLog; EventLog('daemon').error('kept_key_unread')"
    # our own interpreter with our own words
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
