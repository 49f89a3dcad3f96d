from decimal import Decimal
from typing import Any

from risk_manager.core.engine import Engine
from risk_manager.core.events import AccountUpdated, ClockTicked, Event, TradeReported
from risk_manager.core.model.account import Account
from risk_manager.core.policy import Policy
from risk_manager.daemon.enforcement.own_orders import OwnOrders
from risk_manager.daemon.watched import Watched
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.stage import loss
from tests.daemon.virtual_time import START


class Listener:
    """Stands where the enforcer stands."""

    account_id = ACCOUNT
    is_under_way = False

    def __init__(self) -> None:
        self.told: list[str] = []

    def filled(self, _: object) -> None:
        self.told.append("filled")

    def account_told(self, *, can_trade: bool) -> None:
        self.told.append(f"can trade {can_trade}")

    def begin(self, plan: object, **seen: Any) -> None:
        self.told.append(f"begin {plan} {seen['received_at']} {seen['seen'].sent_at}")


def watched() -> tuple[Watched, list[str]]:
    listener: Any = Listener()
    engine = Engine({ACCOUNT: Policy()}, at=START, accounts=[Account(account_id=ACCOUNT)])
    return Watched(engine, listener, OwnOrders()), listener.told


def test_an_enforcer_hears_of_its_own_fills_once_and_of_no_others() -> None:
    one, told = watched()
    mine = TradeReported(at=START, trade=loss(5), ours=True)
    for event in (mine, mine, TradeReported(at=START, trade=loss(5, trade_id=2), ours=False)):
        one.tell_enforcer(event, now=0)
    assert told == ["filled"]


def test_an_enforcer_hears_whether_the_account_may_trade_where_the_venue_says_so() -> None:
    one, told = watched()
    events: list[Event] = [
        AccountUpdated(at=START, account_id=ACCOUNT, can_trade=False),
        AccountUpdated(at=START, account_id=ACCOUNT, balance=Decimal(1)),
        ClockTicked(at=START),
    ]
    for event in events:
        one.tell_enforcer(event, now=0)
    assert told == ["can trade False"]


def test_an_enforcement_begins_with_what_is_known_at_that_moment() -> None:
    one, told = watched()
    plan: Any = "a plan"
    one.enforce(plan, now=7, received_at=6)
    assert told == ["begin a plan 6 7"]
