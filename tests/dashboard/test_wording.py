"""Numbers, instants and codes in words."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from risk_manager.dashboard.wording import (
    age_of,
    amount,
    change,
    deeds_words,
    left_of,
    length_of,
    measure,
    milliseconds,
    moment,
    price,
    reason_words,
    title,
    verdict_words,
    zone_of,
)
from risk_manager.local_api.messages import Deed, Verdict
from tests.dashboard.canned import ES, rule
from tests.dashboard.canned_day import NOW, RESET

CHICAGO = zone_of("America/Chicago")


def test_money_is_told_to_the_cent_and_with_its_sign() -> None:
    assert amount(Decimal(50412)) == "50,412.00"
    assert change(Decimal("87.5")) == "+87.50"
    assert change(Decimal("-1312.5")) == "−1,312.50"
    assert change(Decimal("-0.001")) == "0.00"


def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    assert {amount(None), change(None), price(None), milliseconds(None), measure("max_contracts", None)} == {"—"}


def test_a_price_keeps_its_digits() -> None:
    assert price(Decimal("5800.00")) == "5,800.00"
    assert price(Decimal("0.0000005")) == "0.0000005"
    assert price(Decimal("-37.63")) == "−37.63"


def test_a_rule_measures_in_its_own_unit() -> None:
    assert measure("daily_realized_loss", Decimal(500)) == "$500.00"
    assert measure("daily_unrealized_loss", Decimal(-20)) == "−$20.00"
    assert measure("max_contracts", Decimal("2.50")) == "2.5"
    assert measure("max_contracts", Decimal(100)) == "100"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(0), "0:00"),
        (timedelta(milliseconds=1), "0:01"),
        (timedelta(seconds=59), "0:59"),
        (timedelta(minutes=28, seconds=12), "28:12"),
        (timedelta(hours=6, minutes=8, seconds=2), "6:08:02"),
        (timedelta(days=2, hours=1), "2 d 01:00:00"),
        (timedelta(seconds=-5), "0:00"),
    ],
)
def test_a_countdown_ends_at_zero_and_not_before(span: timedelta, said: str) -> None:
    assert length_of(span) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0.0 s"), (0.34, "0.3 s"), (12, "12 s"), (119.9, "119 s"), (600, "10 m"), (7200, "2 h"), (400_000, "4 d")],
)
def test_an_age_is_as_exact_as_it_is_young(seconds: float, said: str) -> None:
    assert age_of(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(("value", "said"), [(0.84, "0.84 ms"), (143.2, "143 ms"), (2100.0, "2.10 s")])
def test_enforcement_is_timed_readably(value: float, said: str) -> None:
    assert milliseconds(value) == said


def test_an_instant_names_the_day_only_when_it_is_another_one() -> None:
    assert moment(RESET, zone=CHICAGO, now=NOW) == "17:00 CT"
    assert moment(RESET + timedelta(days=2), zone=CHICAGO, now=NOW) == "Thu 17:00 CT"
    assert moment(RESET + timedelta(days=9), zone=CHICAGO, now=NOW) == "2026-03-19 17:00 CT"
    assert moment(RESET - timedelta(days=1), zone=CHICAGO, now=NOW) == "2026-03-09 17:00 CT"
    assert moment(NOW, zone=CHICAGO, now=NOW) == "10:31:02 CT"


def test_an_instant_follows_the_wall_clock_over_daylight_saving() -> None:
    winter = datetime(2026, 12, 10, 23, tzinfo=UTC)

    assert moment(winter, zone=CHICAGO, now=winter) == "17:00 CT"


def test_an_unknown_zone_is_utc() -> None:
    assert moment(RESET, zone=zone_of("Mars/Olympus"), now=NOW) == "22:00 UTC"


def test_a_rule_is_named_with_its_subject() -> None:
    assert title("max_contracts_per_instrument", "ES") == "Max contracts ES"
    assert title("daily_unrealized_loss", ES) == "Open loss ES"
    assert title("trade_frequency_limit", "TRADES_PER_HOUR_EXCEEDED") == "Trades per hour"
    assert title("rule_of_tomorrow") == "Rule of tomorrow"


def test_a_reason_says_which_rule_and_the_numbers() -> None:
    reason = "DAILY_REALIZED_LOSS_REACHED measured=512.50 limit=500"

    assert reason_words("daily_realized_loss", reason) == "Daily realized loss reached: $512.50, limit $500.00"


def test_a_reason_that_hides_its_rule_is_preceded_by_it() -> None:
    verdict = Verdict(rule="cooldown_after_loss", code="LOSS_THRESHOLD_REACHED", measured=Decimal(200))

    assert verdict_words(verdict) == "Loss cooldown: loss threshold reached: $200.00"


@pytest.mark.parametrize("reason", ["locked over lunch", "BROKEN measured", "X measured=many", "", "A=b"])
def test_any_reason_can_be_said(reason: str) -> None:
    assert reason_words("admin", reason).startswith("Locked by hand")


def test_deeds_are_said_in_words() -> None:
    deeds = (
        Deed(do="close", contract_id=ES),
        Deed(do="reduce", contract_id=ES, to=1),
        Deed(do="cancel", order_id=7),
        Deed(do="cancel_symbol", root="ES"),
        Deed(do="resize", order_id=7, size=2),
        Deed(do="place_stop", contract_id=ES, stop=Decimal("5790.25")),
        Deed(do="move_stop", order_id=7, stop=Decimal("5790.25")),
        Deed(do="unlock", rule="auth_loss_guard"),
        Deed(do="warn", code="POSITION_UNMARKED"),
        Deed(do="lock", mode="flat", until=RESET),
        Deed(do="lock", mode="no_new_risk", root="ES"),
        Deed(do="sing_aloud"),
    )

    assert deeds_words(deeds, zone=CHICAGO, now=NOW) == (
        "close ES, reduce ES to 1, cancel order 7, cancel orders in ES, resize order 7 to 2, "
        "place ES stop at 5,790.25, move stop 7 to 5,790.25, unlock Account access, warn: position unmarked, "
        "locked until 17:00 CT, ES no new risk without end, sing aloud"
    )


def test_the_room_left_is_said_below_at_and_above_the_limit() -> None:
    assert left_of(rule("daily_realized_loss", "499.99", "500")) == "$0.01 left"
    assert left_of(rule("daily_realized_loss", "500", "500")) == "$0.00 left"
    assert left_of(rule("daily_realized_loss", "500.01", "500")) == "over by $0.01"


def test_a_rule_of_products_is_not_called_like_that_of_all_contracts() -> None:
    assert title("max_contracts_per_instrument") == "Max per product"
    assert title("max_contracts_per_instrument", "ES") == "Max contracts ES"
