"""When the screen is painted: what happens at once, prices twice a second."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from operator import itemgetter

from risk_manager.dashboard.app import TraderScreen
from risk_manager.dashboard.painting import AT_ONCE, SOON, Painting
from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.quotes import MarkedPosition, MarketQuote
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW
from tests.dashboard.stage import MAIN, SMALL, Clock, text, until


class Counting(TraderScreen):
    """Counts how often it paints."""

    painted = 0

    def _paint(self) -> None:
        self.painted += 1
        super()._paint()


class Stage:
    """A screen that only counts, on a clock that goes when it is told to."""

    def __init__(self) -> None:
        self.at = NOW
        self.painted: list[float] = []
        self.woken = 0
        self._calls: list[tuple[datetime, Callable[[], None]]] = []
        self.painting = Painting(self._paint, now=lambda: self.at, set_timer=self._set_timer)
        self.painting.begins()

    def _paint(self) -> None:
        self.painting.begins()
        self.painted.append((self.at - NOW).total_seconds())

    def _set_timer(self, delay: float, callback: Callable[[], None]) -> "Call":
        call = self.at + timedelta(seconds=delay), callback
        self._calls.append(call)
        return Call(lambda: self._calls.remove(call) if call in self._calls else None)

    def go_to(self, seconds: float) -> None:
        until = NOW + timedelta(seconds=seconds)
        while self._calls and min(self._calls, key=itemgetter(0))[0] <= until:
            call = min(self._calls, key=itemgetter(0))
            self._calls.remove(call)
            self.at, self.woken = call[0], self.woken + 1
            call[1]()
        self.at = until


@dataclass
class Call:
    """A call that is to come."""

    stop: Callable[[], None]


async def silence() -> AsyncGenerator[Snapshot | Message | Away, None]:
    await asyncio.Event().wait()
    yield Away("never", 1.0)


def _price(ticks: int) -> Message:
    marked = MarkedPosition(
        account_id=MAIN,
        mark=Decimal(5800 + ticks),
        unrealized_pnl=Decimal(ticks),
        account_unrealized_pnl=Decimal(ticks),
    )
    return Message(None, MarketQuote(contract_id=canned.ES, root="ES", at=NOW, positions=(marked,)))


async def test_prices_are_painted_on_the_beat_and_what_happens_at_once() -> None:
    app = Counting(now=Clock(), source=silence)
    async with app.run_test(size=SMALL) as pilot:
        app.take(canned.calm())
        await until(pilot, lambda: "MAY TRADE" in text(app, "header"))
        before = app.painted
        for mark in range(50):
            app.take(_price(mark))
        assert "5,849" not in text(app, "body")
        await until(pilot, lambda: "5,849" in text(app, "body"))
        assert app.painted == before + 1

        app.take(_price(60))
        app.take(Message(MAIN, canned.enforcement(at=NOW)))
        await until(pilot, lambda: "▶ ACTING" in text(app, "header"))
        assert "5,860" in text(app, "body"), "the prices that came meanwhile are painted with it"


def test_a_screen_that_hears_nothing_wakes_once_a_second_just_past_its_edge() -> None:
    stage = Stage()
    stage.go_to(3.5)

    assert stage.painted == [1.005, 2.005, 3.005]
    assert stage.woken == 3


def test_prices_that_come_on_the_beat_are_painted_with_it_and_nothing_else_wakes_the_screen() -> None:
    stage = Stage()
    for half_second in range(8):
        for contract in range(5):
            stage.go_to(half_second / 2 + 0.02 + contract / 10_000)
            stage.painting.on_beat()
    stage.go_to(3.9)

    assert stage.painted == [half_second / 2 + 0.025 for half_second in range(8)]
    assert stage.woken == 8


def test_a_price_that_comes_after_its_beat_was_painted_is_painted_on_the_next() -> None:
    stage = Stage()
    stage.go_to(0.02)
    stage.painting.on_beat()
    stage.go_to(0.2)
    stage.painting.on_beat()
    stage.painting.on_beat()
    stage.go_to(0.9)

    assert stage.painted == [0.025, 0.6]


def test_when_prices_stop_the_next_second_is_painted_all_the_same() -> None:
    stage = Stage()
    stage.go_to(0.52)
    stage.painting.on_beat()
    stage.go_to(3.5)

    assert stage.painted == [0.525, 1.1, 2.1, 3.005], "the daemon's word is waited for as long as it may yet come"


def test_what_happens_is_painted_soon_with_all_that_comes_meanwhile() -> None:
    stage = Stage()
    stage.go_to(0.3)
    stage.painting.within(SOON)
    stage.painting.within(AT_ONCE)
    stage.painting.within(SOON)
    stage.painting.on_beat()
    stage.go_to(0.9)

    assert stage.painted == [0.305]
