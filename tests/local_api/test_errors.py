"""What can go wrong, in one line that says what to do."""

import pytest

from risk_manager.local_api.errors import DaemonAway, DaemonMisread, LocalApiError, PortTaken


@pytest.mark.parametrize("error", [PortTaken(8765, "in use"), DaemonAway(8765, "refused"), DaemonMisread(8765, "x")])
def test_an_error_is_one_line_that_names_the_port(error: LocalApiError) -> None:
    assert "8765" in str(error)
    assert "\n" not in str(error)


def test_errors_say_what_to_do() -> None:
    assert "local_api: {port: …}" in str(PortTaken(8765, "in use"))
    assert "risk-manager run" in str(DaemonAway(8765, "refused"))
