import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from risk_manager.simulator import wire


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("29547.00", b"29547"),
        ("0.0000005", b"0.0000005"),
        ("1E+3", b"1000"),
        ("-0.50", b"-0.5"),
        ("0", b"0"),
        ("-0.0", b"0"),
        ("149848.64", b"149848.64"),
        ("23500.33333333333333333", b"23500.333333333"),
    ],
)
def test_numbers_are_plain_and_exact(value: str, text: bytes) -> None:
    assert wire.encode(wire.number(Decimal(value))) == text


def test_no_number_is_null() -> None:
    assert wire.encode(wire.number(None)) == b"null"


@pytest.mark.parametrize(
    ("microsecond", "rest", "hub"),
    [
        (156730, "2026-08-19T20:49:25.15673+00:00", "2026-08-19T20:49:25.1567303+00:00"),
        (0, "2026-08-19T20:49:25+00:00", "2026-08-19T20:49:25.0000003+00:00"),
    ],
)
def test_instants_have_six_digits_on_rest_and_seven_on_hubs(microsecond: int, rest: str, hub: str) -> None:
    at = datetime(2026, 8, 19, 20, 49, 25, microsecond, tzinfo=UTC)
    assert (wire.rest_instant(at), wire.hub_instant(at, 3)) == (rest, hub)
    assert wire.exchange_instant(at).startswith("2026-08-19T20:49:25.")


def test_a_problem_has_errors_or_a_detail() -> None:
    assert json.loads(wire.problem(400, "bad", {"$.x": ["y"]}))["errors"] == {"$.x": ["y"]}
    assert json.loads(wire.problem(400, "bad"))["detail"] == "bad"


def test_an_event_is_one_record() -> None:
    record = wire.event_record("GatewayQuote", "CON", {"lastPrice": wire.number(Decimal("1.50"))})
    assert record == b'{"type":1,"target":"GatewayQuote","arguments":["CON",{"lastPrice":1.5}]}\x1e'
