"""Ways around one's own limits that a trader thinks of in a bad hour, by files written for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from risk_manager.config.files import Home
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import FIVE, first_day, limit, live, write

ENTRY = f"{{account_id: {ACCOUNT}, username: trader, api_key: 'env:KEY'}}"
HALF = ENTRY.replace("'env:KEY'", '"\\ud800"')
HALF_A_NAME = ENTRY.replace("'env:KEY'", '"env:\\ud800"')


def with_accounts(text: str) -> Callable[[Home], object]:
    return lambda home: home.accounts.write_text(text, encoding="utf-8")


SPOILT: dict[str, Callable[[Home], object]] = {
    "a port that is none": with_accounts(f"gateway: {{api: 'https://api.topstepx.com:abc'}}\naccounts: [{ENTRY}]\n"),
    "half a character in a key": with_accounts(f"accounts: [{HALF}]\n"),
    "half a character in the name of a variable": with_accounts(f"accounts: [{HALF_A_NAME}]\n"),
    "a record that is nested too deeply": lambda home: home.commitment.write_text("[" * 100_000),
}


@pytest.mark.parametrize("spoilt", SPOILT)
def test_files_made_to_stumble_over_end_no_protection(tmp_path: Path, spoilt: str) -> None:
    home = first_day(tmp_path)
    write(home, FIVE)
    SPOILT[spoilt](home)
    assert limit(live(home)) == 3


def test_a_stricter_value_that_could_not_be_read_again_takes_no_limit_along(tmp_path: Path) -> None:
    home = first_day(tmp_path)
    write(home, f"quotes: {{stale_after_seconds: 0.00000001}}\n{FIVE}")
    live(home)
    stage = live(home)
    assert limit(stage) == 3
    assert "COMMITMENT_UNREAD" not in stage.warnings()
