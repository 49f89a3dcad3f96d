"""What the screen's parts tell each other."""

from risk_manager.dashboard.messages import Told
from tests.dashboard import canned


def test_what_was_told_is_carried_as_it_is() -> None:
    assert Told(canned.calm()).what == canned.calm()
