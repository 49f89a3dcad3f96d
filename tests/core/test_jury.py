"""Which rules are asked what."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event, OrderUpdated, PositionUpdated, QuoteUpdated, TradeReported
from risk_manager.core.jury import Jury
from risk_manager.core.rule import Rule
from risk_manager.core.state.account import AccountState


class Plain(Rule):
    name: ClassVar[str] = "plain"
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated, QuoteUpdated)
    codes: ClassVar[tuple[str, ...]] = ("PLAIN",)

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        del state, event
        return ()


class BookReader(Plain):
    name: ClassVar[str] = "book_reader"
    reads_book: ClassVar[bool] = True


class Timed(Plain):
    name: ClassVar[str] = "timed"
    triggers: ClassVar[tuple[type[Event], ...]] = (OrderUpdated,)

    def conditions(self, state: AccountState) -> Sequence[str] | None:
        del state
        return ()

    def deadline(self, state: AccountState, now: datetime) -> datetime | None:
        del state
        return now


class HeirOfTimed(Timed):
    name: ClassVar[str] = "heir"


PLAIN, BOOK_READER, TIMED, HEIR = Plain(), BookReader(), Timed(), HeirOfTimed()
JURY = Jury([PLAIN, BOOK_READER, TIMED, HEIR])


def test_a_rule_is_asked_on_what_it_names_among_its_triggers() -> None:
    assert JURY.on(PositionUpdated) == (PLAIN, BOOK_READER)
    assert JURY.on(OrderUpdated) == (TIMED, HEIR)
    assert JURY.on(TradeReported) == ()
    assert JURY.on(PositionUpdated) == (PLAIN, BOOK_READER)


def test_a_quote_that_moves_no_mark_is_a_matter_of_those_who_read_the_book() -> None:
    assert JURY.on_prices == (PLAIN, BOOK_READER)
    assert JURY.on_book == (BOOK_READER,)


def test_only_rules_with_an_answer_of_their_own_are_asked_for_deadlines_and_conditions() -> None:
    assert JURY.with_deadline == (TIMED, HEIR)
    assert JURY.timing == {"timed", "heir"}
