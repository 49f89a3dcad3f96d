from collections.abc import Sequence
from typing import ClassVar

from risk_manager.core.actions import Warn
from risk_manager.core.asking import AskPlainly
from risk_manager.core.decisions import Decision
from risk_manager.core.engine import Engine
from risk_manager.core.events import Event, PositionUpdated, QuoteUpdated
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.state.account import AccountState
from tests.builders import AT, MNQ, dec, position


class Capricious(Rule):
    """Warns of every position, and breaks when it is told to."""

    name: ClassVar[str] = "capricious"
    triggers: ClassVar[tuple[type[Event], ...]] = (PositionUpdated, QuoteUpdated)
    codes: ClassVar[tuple[str, ...]] = ("IT_IS",)

    def evaluate(self, state: AccountState, event: Event) -> Sequence[Decision]:
        del event
        decision = Decision(rule=self.name, code="IT_IS", measured=1, limit=1, actions=(Warn("IT_IS"),))
        return [decision] if state.holdings else []


class SometimesSilent(AskPlainly):
    """Gives no answer for some rules."""

    def __init__(self) -> None:
        self.silent: set[str] = set()

    def verdict(self, rule: Rule, state: AccountState, event: Event) -> Sequence[Decision] | None:
        return None if rule.name in self.silent else super().verdict(rule, state, event)


def decided(engine: Engine, event: Event) -> list[str]:
    return [decision.rule for plan in engine.handle(event) for decision in plan.decisions]


def test_a_rule_without_an_answer_leaves_the_verdicts_of_the_others() -> None:
    asking = SometimesSilent()
    asking.silent = {"capricious"}
    rules = (Capricious(), MaxContracts.model_validate({"limit": 1}))
    engine = Engine({1: Policy(rules=rules)}, at=AT, asking=asking)
    assert decided(engine, PositionUpdated(at=AT, position=position(net_size=2))) == ["max_contracts"]


def test_a_breach_is_not_over_because_its_rule_gave_no_answer() -> None:
    asking = SometimesSilent()
    engine = Engine({1: Policy(rules=(Capricious(),))}, at=AT, asking=asking)
    assert decided(engine, PositionUpdated(at=AT, position=position(net_size=2))) == ["capricious"]
    asking.silent = {"capricious"}
    assert decided(engine, QuoteUpdated(at=AT, contract_id=MNQ, last=dec(101))) == []
    asking.silent = set()
    assert decided(engine, QuoteUpdated(at=AT, contract_id=MNQ, last=dec(102))) == []


def test_plainly_asked_a_rule_is_asked_itself() -> None:
    engine = Engine({1: Policy(rules=(Capricious(),))}, at=AT)
    state, plainly, rule = engine.state.accounts[1], AskPlainly(), Capricious()
    assert plainly.conditions(rule, state) is None
    assert plainly.deadline(rule, state, AT) is None
    assert plainly.verdict(rule, state, QuoteUpdated(at=AT, contract_id=MNQ)) == []


def test_a_quote_asks_until_one_decides() -> None:
    engine = Engine({1: Policy(rules=(Capricious(),))}, at=AT)
    state, plainly, quote = engine.state.accounts[1], AskPlainly(), QuoteUpdated(at=AT, contract_id=MNQ)
    assert not plainly.any_decides([Capricious(), Capricious()], state, quote)
    engine.handle(PositionUpdated(at=AT, position=position(net_size=1)))
    assert plainly.any_decides([Capricious(), Capricious()], state, quote)
