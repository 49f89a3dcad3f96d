from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import cast

import msgspec

from risk_manager.core.engine import Engine
from risk_manager.core.events import (
    ClockTicked,
    Event,
    LockCleared,
    LockRequested,
    OrderUpdated,
    PolicyChanged,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    TradeReported,
)
from risk_manager.core.model.order import Order
from risk_manager.core.model.position import Position
from risk_manager.core.policy import Policy
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from risk_manager.daemon.telling.pnl_curve import PnlCurves
from risk_manager.daemon.telling.publisher import Publisher
from risk_manager.local_api.frames import Message, remembered
from risk_manager.local_api.messages import AccountRules, HeldPosition, LockEnded, Warned
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarketQuote
from risk_manager.local_api.server import Server
from tests.builders import order, trade
from tests.daemon.enforcement.test_pursuit import seen
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time


class Newsroom:
    """A publisher before a real engine, without a server."""

    def __init__(self) -> None:
        self.engine = Engine({ACCOUNT: Policy(rules=(MaxContracts(limit=10),))}, at=START)
        self.publisher = Publisher(clock=LoopClock(), nicknames={ACCOUNT: "Main"}, curves=PnlCurves())
        self.publisher.watch(self.engine.state.accounts.get)

    def hear(self, event: Event) -> list[str]:
        self.publisher.recent.clear()
        self.publisher.happened(event, self.engine.handle(event))
        self.publisher.flush()
        return [one.type for one in self.publisher.recent]

    def holds(self, net: int) -> Event:
        return PositionUpdated(at=START, position=seen(net).positions[ES])


def play(scene: Callable[[Newsroom], None]) -> None:
    async def run() -> None:
        scene(Newsroom())

    in_virtual_time(run())


def test_a_lock_is_told_when_it_begins_and_when_it_ends() -> None:
    def scene(news: Newsroom) -> None:
        assert news.hear(LockRequested(at=START, account_id=ACCOUNT, until=None)) == ["lockout_set"]
        assert news.hear(news.holds(1)) == []
        assert news.hear(LockCleared(at=START, account_id=ACCOUNT, rule="admin")) == ["lockout_cleared"]

    play(scene)


def test_a_lock_that_an_admin_has_cleared_is_not_told_as_ended_by_its_rule() -> None:
    def scene(news: Newsroom) -> None:
        news.hear(LockRequested(at=START, account_id=ACCOUNT, until=None))
        news.hear(LockCleared(at=START, account_id=ACCOUNT, rule="admin"))
        (ended,) = news.publisher.recent
        assert msgspec.json.decode(ended.data, type=LockEnded).cause == "admin"

    play(scene)


def test_nearness_is_warned_of_once_for_each_threshold_and_again_after_a_fall() -> None:
    def scene(news: Newsroom) -> None:
        assert news.hear(news.holds(6)) == []
        assert news.hear(news.holds(7)) == ["warning"]
        assert news.hear(news.holds(8)) == []
        assert news.hear(news.holds(9)) == ["warning"]
        assert news.hear(news.holds(5)) == []
        assert news.hear(news.holds(7)) == ["warning"]

    play(scene)


def test_quotes_cost_nothing_while_nobody_listens() -> None:
    def scene(news: Newsroom) -> None:
        assert news.hear(QuoteUpdated(at=START, contract_id=ES, last=Decimal(5))) == []

    play(scene)


def test_what_is_amiss_is_told_and_remembered() -> None:
    def scene(news: Newsroom) -> None:
        news.publisher.alarm("STORE_FAILED", "disk full", ACCOUNT)
        (warned,) = news.publisher.recent
        assert (warned.type, warned.account_id) == ("warning", ACCOUNT)

    play(scene)


def test_what_goes_with_the_prices_is_made_only_when_it_is_told() -> None:
    def scene(news: Newsroom) -> None:
        ears = Ears()
        news.publisher.tell_latest("parts", lambda: PartsTold(at=START, parts=()))
        news.publisher.speak_through(cast("Server", ears))
        news.publisher.tell_latest("parts", lambda: PartsTold(at=START, parts=()))
        assert told_to(ears) == ["part_status"], "before anybody could listen, nothing was"

    play(scene)


def told_to(server: "Ears") -> list[str]:
    return [message.type for message in server.heard]


class Ears:
    """A server to which somebody listens: it keeps what is broadcast, and produces at once what may wait."""

    listeners = 1

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.snapshots = 0

    def broadcast(self, message: Message) -> None:
        self.heard.append(message)

    def broadcast_latest(self, key: object, produce: Callable[[], Message | None], *, every: float = 0.1) -> None:
        del key, every
        message = produce()
        if message is not None:
            self.heard.append(message)

    def broadcast_snapshot(self) -> None:
        self.snapshots += 1


class HeardNewsroom(Newsroom):
    """The same, with a listener."""

    def __init__(self) -> None:
        super().__init__()
        self.ears = Ears()
        self.publisher.speak_through(cast("Server", self.ears))


def heard(scene: Callable[[HeardNewsroom], None]) -> None:
    async def run() -> None:
        scene(HeardNewsroom())

    in_virtual_time(run())


def test_limits_that_follow_prices_are_told_with_the_quotes() -> None:
    def scene(news: HeardNewsroom) -> None:
        news.hear(news.holds(2))
        news.ears.heard.clear()
        news.hear(QuoteUpdated(at=START, contract_id=ES, last=Decimal(5)))
        assert sorted(told_to(news.ears)) == ["MarketQuote", "rule_status"]

    heard(scene)


def test_a_quote_of_what_nobody_holds_tells_no_limits() -> None:
    def scene(news: HeardNewsroom) -> None:
        news.hear(QuoteUpdated(at=START, contract_id=ES, last=Decimal(5)))
        assert told_to(news.ears) == ["MarketQuote"]

    heard(scene)


def test_a_new_day_is_told_whole_with_its_own_sessions_and_course() -> None:
    def scene(news: HeardNewsroom) -> None:
        news.hear(news.holds(2))
        news.hear(ClockTicked(at=START + timedelta(days=1)))
        assert "daily_reset" in told_to(news.ears)
        assert news.ears.snapshots == 1

    heard(scene)


def test_a_position_without_a_stop_is_told_with_the_end_of_its_grace() -> None:
    def scene(news: HeardNewsroom) -> None:
        grace = NoStopLossGrace.model_validate({"grace_period": "60s"})
        news.engine.handle(PolicyChanged(at=START, policies={ACCOUNT: Policy(rules=(grace,))}))
        news.hear(news.holds(2))
        rules = next(one.data for one in news.ears.heard if isinstance(one.data, AccountRules))
        position = next(one.data for one in news.ears.heard if isinstance(one.data, HeldPosition))
        assert rules.graces == {ES: START + timedelta(seconds=60)}
        assert position.grace_until == START + timedelta(seconds=60)

    heard(scene)


def open_pnl_on_screen(news: HeardNewsroom) -> Decimal | None:
    """Tell what the last word of a position says that it is up."""
    words = [one.data for one in news.ears.heard if isinstance(one.data, MarketQuote | HeldPosition)]
    last = words[-1]
    return last.positions[0].unrealized_pnl if isinstance(last, MarketQuote) else last.unrealized_pnl


def exit_of_one(pnl: int) -> TradeReported:
    at = START + timedelta(seconds=2)
    return TradeReported(at=at, trade=trade(pnl, contract_id=ES, signed_size=-1, at=at, account_id=ACCOUNT))


def test_a_trade_long_after_its_report_values_the_position_on_the_screen_at_once() -> None:
    def scene(news: HeardNewsroom) -> None:
        news.hear(news.holds(2))
        news.hear(QuoteUpdated(at=START + timedelta(seconds=1), contract_id=ES, last=Decimal(5)))
        before = open_pnl_on_screen(news)
        news.hear(exit_of_one(-100))
        assert open_pnl_on_screen(news) == news.engine.state.accounts[ACCOUNT].open_pnl(ES) != before

    heard(scene)


def test_the_word_of_an_order_values_it_as_well() -> None:
    def scene(news: HeardNewsroom) -> None:
        news.hear(news.holds(2))
        news.hear(QuoteUpdated(at=START, contract_id=ES, last=Decimal(5)))
        news.ears.heard.clear()
        news.hear(OrderUpdated(at=START, order=order(7, ES, account_id=ACCOUNT)))
        assert "MarketQuote" in told_to(news.ears)

    heard(scene)


def test_what_a_full_picture_shows_otherwise_than_the_stream_has_told_comes_to_the_screen() -> None:
    def scene(news: HeardNewsroom) -> None:
        news.hear(news.holds(2))
        held = tuple(news.engine.state.accounts[ACCOUNT].positions.values())
        news.hear(picture(held))
        assert news.ears.snapshots == 0, "nothing is new"
        news.hear(picture(held, order(7, ES, account_id=ACCOUNT)))
        assert news.ears.snapshots == 1
        news.hear(picture(()))
        assert news.ears.snapshots == 2
        news.hear(picture(()))
        assert news.ears.snapshots == 2

    heard(scene)


def picture(held: tuple[Position, ...], *orders: Order) -> Reconciled:
    return Reconciled(at=START + timedelta(seconds=5), account_id=ACCOUNT, positions=held, orders=orders)


def test_what_an_earlier_life_told_comes_before_what_this_one_tells() -> None:
    def scene(news: Newsroom) -> None:
        news.publisher.alarm("STORE_FAILED", "now", ACCOUNT)
        earlier = [remembered(Message(ACCOUNT, Warned(at=START, code="X", text=text))) for text in ("first", "second")]
        news.publisher.recall(earlier)
        assert [bytes(one.data).split(b'"text":"')[1].split(b'"')[0] for one in news.publisher.recent] == [
            b"first",
            b"second",
            b"now",
        ]

    play(scene)


def test_an_account_is_told_with_its_course_and_its_calendar() -> None:
    def scene(news: Newsroom) -> None:
        news.hear(news.holds(1))
        (account,) = news.publisher.accounts()
        assert account.calendar is not None
        assert account.calendar.trading_day == news.engine.state.accounts[ACCOUNT].day.key.isoformat()
        assert len(account.pnl_curve) == 1
        assert next(words.settings for words in account.rulebook).startswith("limit 10")

    play(scene)
