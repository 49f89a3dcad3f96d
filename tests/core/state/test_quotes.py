"""The last good prices."""

from decimal import Decimal

import pytest

from risk_manager.core.events import QuoteUpdated
from risk_manager.core.policy import Mark
from risk_manager.core.state.quotes import Quotes
from tests.builders import AT, ES, after, dec


def quotes(*prices: tuple[str | None, str | None, str | None]) -> tuple[Quotes, list[bool]]:
    known = Quotes()
    changed = []
    for number, triple in enumerate(prices):
        last, bid, ask = (None if price is None else Decimal(price) for price in triple)
        changed.append(known.apply(QuoteUpdated(at=after(number), contract_id=ES, last=last, bid=bid, ask=ask)))
    return known, changed


def mark(known: Quotes, net_size: int, method: Mark = Mark.LAST) -> Decimal | None:
    quote = known.get(ES)
    assert quote is not None
    return quote.mark(net_size, method)


def test_an_absent_price_is_unchanged() -> None:
    known, changed = quotes(("100", "99", "101"), (None, "98", None), (None, None, None))
    quote = known.get(ES)
    assert quote is not None
    assert (quote.last, quote.bid, quote.ask) == (dec(100), dec(98), dec(101))
    assert changed == [True, True, False]
    assert quote.at == after(2)


@pytest.mark.parametrize("bad", ["0", "0.00", "-0", "NaN", "sNaN", "Infinity", "-Infinity", "1e40", "1e10"])
def test_a_nan_or_zero_price_leaves_the_last_good_one(bad: str) -> None:
    known, changed = quotes(("100", "99", "101"), (bad, bad, bad))
    quote = known.get(ES)
    assert quote is not None
    assert (quote.last, quote.bid, quote.ask) == (dec(100), dec(99), dec(101))
    assert changed == [True, False]


@pytest.mark.parametrize("good", ["-37.63", "0.0000005", "9999999999"])
def test_a_negative_price_is_a_price(good: str) -> None:
    known, changed = quotes((good, None, None))
    assert changed == [True]
    assert mark(known, 1) == Decimal(good)


def test_the_same_price_again_is_no_change() -> None:
    assert quotes(("100", None, None), ("100.00", None, None))[1] == [True, False]


def test_bid_ask_marks_a_long_at_the_bid_and_a_short_at_the_ask() -> None:
    known, _ = quotes(("100", "99", "101"))
    assert (mark(known, 2, Mark.BID_ASK), mark(known, -2, Mark.BID_ASK)) == (dec(99), dec(101))
    assert (mark(known, 2), mark(known, -2)) == (dec(100), dec(100))


def test_without_bid_or_ask_the_last_price_is_the_mark_and_without_that_there_is_none() -> None:
    known, _ = quotes(("100", None, None))
    assert mark(known, -1, Mark.BID_ASK) == 100
    known, _ = quotes((None, "99", None))
    assert mark(known, 1, Mark.BID_ASK) == 99
    assert mark(known, -1, Mark.BID_ASK) is None


def test_a_contract_without_a_quote_has_none() -> None:
    assert Quotes().get(ES) is None
    assert QuoteUpdated(at=AT, contract_id=ES).last is None


def test_the_first_quote_of_a_contract_and_one_after_an_old_one_begin_a_new_time() -> None:
    known, _ = quotes(("100", None, None))
    assert known.has_begun
    known.has_begun = False
    assert not known.apply(QuoteUpdated(at=after(5), contract_id=ES, last=dec(100)))
    assert not known.has_begun
    known.by_contract[ES].is_stale = True
    assert known.apply(QuoteUpdated(at=after(50), contract_id=ES, last=dec(100))), "people see it fresh again"
    assert known.has_begun
    assert not known.by_contract[ES].is_stale
