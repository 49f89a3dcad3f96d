"""Messages as they travel."""

from datetime import UTC, datetime
from decimal import Decimal

import msgspec
import pytest

from risk_manager.local_api.frames import (
    DATA_OF_TYPE,
    Message,
    decode_envelope,
    decode_snapshot,
    encode_message,
    encode_snapshot,
    recalled,
    remembered,
)
from risk_manager.local_api.messages import (
    AccountStatus,
    DaemonStatus,
    Envelope,
    LockStatus,
    RuleStatus,
    Snapshot,
    Warned,
)
from risk_manager.local_api.quotes import MarketQuote

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_an_event_travels_as_type_account_and_data() -> None:
    warned = Message(7, Warned(at=NOON, code="NO_QUOTE", text="ES has no price"))

    frame = msgspec.json.decode(encode_message(warned))

    assert frame["type"] == "warning"
    assert frame["account_id"] == 7
    assert frame["data"]["at"] == "2026-03-10T12:00:00Z"


def test_prices_travel_as_strings_with_every_digit() -> None:
    quote = Message(None, MarketQuote(contract_id="C", root="ZF", at=NOON, last=Decimal("106.0078125")))

    assert msgspec.json.decode(encode_message(quote))["data"]["last"] == "106.0078125"


def test_what_is_not_known_is_null_and_not_zero() -> None:
    account = AccountStatus(id=1, nickname="Main")

    assert msgspec.json.decode(msgspec.json.encode(account))["unrealized_pnl"] is None


def test_every_event_type_of_the_interface_is_there() -> None:
    assert set(DATA_OF_TYPE) == {
        "GatewayUserTrade",
        "GatewayUserPosition",
        "GatewayUserOrder",
        "GatewayUserAccount",
        "MarketQuote",
        "rule_status",
        "lockout_set",
        "lockout_cleared",
        "enforcement_action",
        "daily_reset",
        "feed_status",
        "daemon_status",
        "part_status",
        "warning",
    }


def test_an_event_comes_back_as_it_was_sent() -> None:
    lock = Message(
        3, LockStatus(rule="admin", root=None, mode="flat", since=NOON, until=None, reason="LOCKED_BY_ADMIN")
    )

    assert recalled(decode_envelope(encode_message(lock))) == lock


def test_an_event_type_from_a_newer_daemon_is_nothing() -> None:
    assert recalled(Envelope("tea_time", 1, msgspec.Raw(b"{}"))) is None


def test_data_that_breaks_the_promise_of_its_type_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        recalled(Envelope("warning", 1, msgspec.Raw(b'{"at": 5}')))


def test_the_snapshot_has_the_shape_that_scripts_rely_on() -> None:
    snapshot = Snapshot(
        at=NOON,
        daemon=DaemonStatus(state="live", since=NOON, version="1"),
        accounts=(
            AccountStatus(
                id=1,
                nickname="Main",
                balance=Decimal("50000.10"),
                rules=(
                    RuleStatus(
                        name="max_contracts", measured=Decimal(2), limit=Decimal(5), utilization=0.4, mode="enforce"
                    ),
                ),
            ),
        ),
    )

    body = msgspec.json.decode(encode_snapshot(snapshot))["data"]

    assert {"state", "since", "version"} <= set(body["daemon"])
    assert {
        "id", "nickname", "can_trade", "balance", "realized_pnl", "unrealized_pnl", "locks", "rules", "positions",
        "orders",
    } <= set(body["accounts"][0])  # fmt: skip
    assert {"name", "mode", "measured", "limit", "utilization"} <= set(body["accounts"][0]["rules"][0])
    assert body["accounts"][0]["balance"] == "50000.10"


def test_the_snapshot_remembers_events_in_the_form_in_which_they_were_sent() -> None:
    warned = Message(7, Warned(at=NOON, code="NO_QUOTE", text="ES has no price"))
    snapshot = Snapshot(
        at=NOON, daemon=DaemonStatus(state="live", since=NOON, version="1"), recent=(remembered(warned),)
    )

    again = decode_snapshot(decode_envelope(encode_snapshot(snapshot)))

    assert recalled(again.recent[0]) == warned
