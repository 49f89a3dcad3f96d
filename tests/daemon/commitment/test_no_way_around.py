"""Ways around one's own limits that a trader thinks of in a bad hour, by files written for it."""

from pathlib import Path

import pytest

from tests.daemon.lives import FIVE, first_day, limit, live, write


@pytest.fixture(autouse=True)
def key_of_the_venue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "k")


def test_a_stricter_value_that_could_not_be_read_again_takes_no_limit_along(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, f"quotes: {{stale_after_seconds: 0.00000001}}\n{FIVE}")
    live(home)
    stage = live(home)
    assert limit(stage) == 3
    assert "COMMITMENT_UNREAD" not in stage.warnings()
