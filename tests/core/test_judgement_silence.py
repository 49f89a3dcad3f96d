"""Judging with rules that give no answer, as when one breaks: silence is no verdict."""

from collections.abc import Sequence

from risk_manager.core.asking import AskPlainly
from risk_manager.core.decisions import Decision
from risk_manager.core.engine import Engine
from risk_manager.core.events import Event, LockCleared, PositionUpdated
from risk_manager.core.policy import Policy
from risk_manager.core.rule import Rule
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from risk_manager.core.state.account import AccountState
from tests.builders import AT, MNQ, after, deeds, position

LOCKING = MaxContracts.model_validate({"limit": 1, "lockout": "1h"})


class Falling(AskPlainly):
    """Gives no answer while it is mute."""

    def __init__(self, *, mute: bool) -> None:
        self.mute = mute

    def verdict(self, rule: Rule, state: AccountState, event: Event) -> Sequence[Decision] | None:
        return None if self.mute else super().verdict(rule, state, event)


class Untimed(AskPlainly):
    """Is told of no conditions."""

    def conditions(self, rule: Rule, state: AccountState) -> Sequence[str] | None:
        del rule, state
        return None


def test_a_rule_that_gives_no_answer_is_not_taken_for_one_without_a_breach() -> None:
    engine = Engine({1: Policy(rules=(LOCKING,))}, at=AT, asking=Falling(mute=True))
    assert engine.handle(PositionUpdated(at=AT, position=position(MNQ, 5))) == ()


def test_a_breach_is_not_over_because_the_rule_gave_no_answer_when_its_lock_was_cleared() -> None:
    asking = Falling(mute=False)
    engine = Engine({1: Policy(rules=(LOCKING,))}, at=AT, asking=asking)
    engine.handle(PositionUpdated(at=AT, position=position(MNQ, 5)))
    asking.mute = True
    engine.handle(LockCleared(at=after(1), account_id=1, rule="max_contracts"))
    asking.mute = False
    assert not deeds(engine.handle(PositionUpdated(at=after(2), position=position(MNQ, 5))))
    assert deeds(engine.handle(PositionUpdated(at=after(3), position=position(MNQ, 6))))


def test_a_rule_that_names_no_conditions_leaves_its_clocks_as_they_are() -> None:
    engine = Engine(
        {1: Policy(rules=(NoStopLossGrace.model_validate({"grace_period": "60s"}),))}, at=AT, asking=Untimed()
    )
    engine.handle(PositionUpdated(at=AT, position=position(MNQ, 1)))
    assert not engine.state.accounts[1].memory.clocks.since
