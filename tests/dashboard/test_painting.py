"""When the screen is painted: what happens at once, prices twice a second."""

import asyncio
from collections.abc import AsyncGenerator
from decimal import Decimal

from risk_manager.dashboard.app import TraderScreen
from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.quotes import MarkedPosition, MarketQuote
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW
from tests.dashboard.stage import MAIN, SMALL, Clock, text, until


class Counting(TraderScreen):
    """Counts how often it looks and how often it paints."""

    painted = 0
    beats = 0

    def _paint(self) -> None:
        self.painted += 1
        super()._paint()

    def _beat(self) -> None:
        self.beats += 1
        super()._beat()


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


async def test_nothing_is_painted_within_a_second_in_which_nothing_came() -> None:
    app = Counting(now=Clock(), source=silence)
    async with app.run_test(size=SMALL) as pilot:
        app.take(canned.calm())
        await until(pilot, lambda: "MAY TRADE" in text(app, "header"))
        before, beats = app.painted, app.beats
        await until(pilot, lambda: app.beats >= beats + 2)

        assert app.painted == before
