"""Says at the end of the run what could not be tried here."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.stats.get("passed", []):
        for name, value in getattr(report, "user_properties", []):
            if name == "not tried here":
                terminalreporter.write_line(f"not tried here: {value}")
