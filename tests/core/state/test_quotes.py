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


@pytest.mark.parametrize(("at", "is_younger"), [(1, True), (1.5, False), (0, True)])
def test_a_quote_is_as_young_as_the_older_of_its_prices(at: float, is_younger: bool) -> None:  # noqa: FBT001 - a table
    known, _ = quotes((None, "99", "101"), ("100", None, None))
    known.by_contract[ES].book_at = after(2)
    assert known.by_contract[ES].is_younger(after(at)) is is_younger


def test_without_a_last_price_a_quote_is_never_young_and_without_a_book_it_may_be() -> None:
    assert not quotes((None, "99", "101"))[0].by_contract[ES].is_younger(AT)
    assert quotes(("100", None, None))[0].by_contract[ES].is_younger(AT)


@pytest.mark.parametrize(
    ("fill", "last", "book"),
    [
        ("100", "100", True),
        ("99", "99", True),
        ("101", "101", True),
        ("98", "98", False),
        ("102", "102", False),
        (None, None, False),
    ],
)
def test_after_a_fill_it_is_the_last_price_and_an_old_book_holds_around_it(
    fill: str | None,
    last: str | None,
    book: bool,  # noqa: FBT001 - a table
) -> None:
    known, _ = quotes(("90", "99", "101"))
    found = known.by_contract[ES].since(after(60), None if fill is None else Decimal(fill))
    assert found.last == (None if last is None else Decimal(last))
    assert (found.bid, found.ask) == ((dec(99), dec(101)) if book else (None, None))


@pytest.mark.parametrize(("fill", "last"), [("100", "100"), ("98", "99"), ("102", "101")])
def test_a_fill_is_brought_into_a_younger_book_and_gives_way_to_a_younger_last_price(fill: str, last: str) -> None:
    known, _ = quotes(("90", "10", "11"), (None, "99", "101"))
    quote = known.by_contract[ES]
    assert quote.since(after(1), Decimal(fill)).last == Decimal(last)
    quote.last_at = after(1)
    assert quote.since(after(1), Decimal(fill)).last == 90


def test_nothing_is_left_of_half_a_book_or_of_no_quote() -> None:
    known, _ = quotes(("90", "99", None))
    assert known.by_contract[ES].since(after(1), Decimal(100)).bid is None
    empty, _ = quotes((None, None, None))
    assert empty.by_contract[ES].since(after(1), Decimal(100)).last is None


def test_what_is_awaited_is_news_though_it_is_the_same() -> None:
    known, changed = quotes(("100", "99", "101"), ("100", "99", "101"))
    assert changed == [True, False]
    known.awaited |= {ES, "another"}
    again = QuoteUpdated(at=after(5), contract_id=ES, last=dec(100), quoted_at=after(4))
    assert known.apply(again)
    assert not known.apply(again)
    assert known.awaited == {"another"}
    assert known.by_contract[ES].last_at == after(4)


def test_a_quote_of_another_contract_is_not_what_is_awaited() -> None:
    known, _ = quotes(("100", None, None))
    known.awaited.add("another")
    assert not known.apply(QuoteUpdated(at=after(5), contract_id=ES, last=dec(100)))


def test_a_price_is_named_no_later_than_it_was_heard_of() -> None:
    known = Quotes()
    known.apply(QuoteUpdated(at=after(1), contract_id=ES, last=dec(100), bid=dec(99), quoted_at=after(60)))
    quote = known.get(ES)
    assert quote is not None
    assert (quote.last_at, quote.book_at) == (after(1), after(1))
    assert not quote.is_younger(after(2))


@pytest.mark.parametrize("name", ["last", "bid", "ask"])
def test_a_price_that_comes_with_an_older_stamp_than_the_one_before_it_is_no_older_than_that(name: str) -> None:
    known = Quotes()
    for at, stamp, price in ((5, 5, "100"), (6, 2, "101")):
        told = {name: Decimal(price)}
        known.apply(QuoteUpdated(at=after(at), contract_id=ES, quoted_at=after(stamp), **told))
    quote = known.get(ES)
    assert quote is not None
    named_at = quote.last_at if name == "last" else quote.book_at
    assert (getattr(quote, name), named_at) == (101, after(5))
