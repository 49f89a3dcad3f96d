from collections.abc import Callable
from decimal import Decimal

from risk_manager.core.engine import Engine
from risk_manager.core.events import Event, LockCleared, LockRequested, PositionUpdated, QuoteUpdated
from risk_manager.core.policy import Policy
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.daemon.publisher import Publisher
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.test_pursuit import seen
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time


class Newsroom:
    """A publisher before a real engine, without a server."""

    def __init__(self) -> None:
        self.engine = Engine({ACCOUNT: Policy(rules=(MaxContracts(limit=10),))}, at=START)
        self.publisher = Publisher(clock=LoopClock(), nicknames={ACCOUNT: "Main"})
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
