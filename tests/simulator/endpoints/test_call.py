from datetime import UTC, datetime, timedelta

from risk_manager.simulator.endpoints.call import Call, envelope, failure, is_within, success
from risk_manager.simulator.exchange.placing import Outcome
from tests.simulator.client import ACCOUNT, at_the_venue

NOW = datetime(2026, 9, 1, 15, 0, tzinfo=UTC)


def test_an_envelope_has_a_number_and_a_text_that_is_mostly_null() -> None:
    assert success(orders=[]) == {"orders": [], "success": True, "errorCode": 0, "errorMessage": None}
    assert failure(3) == {"success": False, "errorCode": 3, "errorMessage": None}
    assert envelope(Outcome(2, "why"))["errorMessage"] == "why"
    assert envelope(Outcome())["success"]


def test_an_instant_lies_within_what_is_given() -> None:
    later = NOW + timedelta(seconds=1)
    assert is_within(NOW, None, None)
    assert is_within(NOW, NOW, later)
    assert not is_within(later, None, NOW)


async def test_a_call_without_a_session_has_no_account() -> None:
    async with at_the_venue() as client:
        assert Call(client.venue.stage, None, NOW).account(ACCOUNT) is None
