from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from risk_manager.core.decisions import Decision
from risk_manager.core.engine import Engine
from risk_manager.core.events import Event, PositionUpdated, QuoteUpdated
from risk_manager.core.model.position import Position
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule, Utilization
from risk_manager.core.rules.daily_unrealized_loss import DailyUnrealizedLoss
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.rule_guard import RuleGuard
from risk_manager.daemon.telling.account_view import account_status
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.virtual_time import START


class Broken(Rule):
    """Breaks whatever it is asked."""

    name: ClassVar[str] = "broken"
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated, QuoteUpdated)
    codes: ClassVar[tuple[str, ...]] = ()

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        raise ZeroDivisionError(f"{state.account_id} {event.at}")

    def conditions(self, state: AccountState) -> Sequence[str] | None:
        raise KeyError(state.account_id)

    def deadline(self, state: AccountState, now: datetime) -> datetime | None:
        raise ValueError(f"{state.account_id} {now}")

    def utilization(self, state: AccountState) -> Sequence[Utilization]:
        raise RuntimeError(str(state.account_id))


class Ward:
    """An engine with a rule that breaks and one that does not, under a guard."""

    def __init__(self, *others: Rule) -> None:
        self.alarms: list[tuple[str, str, int]] = []
        self.guard = RuleGuard(lambda *words: self.alarms.append(words))
        rules = (Broken(), MaxContracts.model_validate({"limit": 3}), *others)
        self.engine = Engine({ACCOUNT: Policy(rules=rules)}, at=START, asking=self.guard)

    def hold(self, net: int) -> list[str]:
        held = Position(account_id=ACCOUNT, contract_id=ES, net_size=net, average_price=Decimal(6000))
        plans = self.engine.handle(PositionUpdated(at=START, position=held))
        return [decision.rule for plan in plans for decision in plan.decisions]


def test_the_others_judge_beside_a_rule_that_breaks() -> None:
    assert Ward().hold(5) == ["max_contracts"]


def test_the_others_judge_a_price_beside_a_rule_that_breaks() -> None:
    ward = Ward(DailyUnrealizedLoss.model_validate({"loss_limit": 100}))
    ward.hold(1)
    assert ward.engine.handle(QuoteUpdated(at=START, contract_id=ES, last=Decimal(5999))) == ()
    (plan,) = ward.engine.handle(QuoteUpdated(at=START, contract_id=ES, last=Decimal(5990)))
    assert [decision.rule for decision in plan.decisions] == ["daily_unrealized_loss"]


def test_people_are_told_once_of_a_rule_that_breaks_with_every_quote() -> None:
    ward = Ward()
    ward.hold(1)
    for tick in range(5):
        ward.engine.handle(QuoteUpdated(at=START, contract_id=ES, last=Decimal(6000 + tick)))
    ((code, text, account_id),) = ward.alarms
    assert (code, account_id) == ("RULE_BROKE", ACCOUNT)
    assert "the rule broken broke" in text
    ward.guard.forget()
    ward.hold(2)
    assert len(ward.alarms) == 2


def test_a_deadline_that_breaks_leaves_that_of_the_day() -> None:
    ward = Ward()
    assert ward.engine.next_deadline() == ward.engine.state.accounts[ACCOUNT].day.ends_at


def test_the_state_is_told_without_what_breaks() -> None:
    ward = Ward()
    told = account_status(ward.engine.state.accounts[ACCOUNT], "", ward.guard.utilization)
    assert [(rule.name, rule.measured) for rule in told.rules] == [("broken", None), ("max_contracts", Decimal(0))]
