"""Quotes that have grown old."""

from risk_manager.core.actions import Warn
from risk_manager.core.events import Restarted
from risk_manager.core.policy import Policy
from risk_manager.core.rules.max_contracts import MaxContracts
from tests.builders import ES, MNQ, RESET, Desk, after, deeds

STALE = [Warn("QUOTE_STALE")]


def holding(**settings: object) -> Desk:
    desk = Desk(policy=Policy(**settings))  # type: ignore[arg-type] # any of its fields
    desk.holds(MNQ, 1, at=0)
    desk.quotes(MNQ, 100, at=1)
    return desk


def test_a_quote_grows_stale_at_its_own_instant_by_time_alone() -> None:
    desk = holding()
    assert desk.engine.next_deadline() == after(11)
    assert not desk.ticks(10.9)
    (plan,) = desk.ticks(11)
    assert (plan.at, list(plan.actions)) == (after(11), STALE)
    (decision,) = plan.decisions
    assert (decision.rule, decision.code, decision.subject, decision.breach) == ("quotes", "QUOTE_STALE", MNQ, False)


def test_the_age_is_a_setting() -> None:
    desk = holding(stale_after=after(3) - after(0))
    assert deeds(desk.ticks(4)) == STALE


def test_people_are_told_once_until_a_quote_comes_and_grows_old_again() -> None:
    desk = holding()
    assert deeds(desk.ticks(11)) == STALE
    assert not desk.ticks(60)
    assert desk.engine.next_deadline() == RESET
    assert not desk.quotes(MNQ, 100, at=70)
    assert desk.engine.next_deadline() == after(80)
    assert deeds(desk.ticks(80)) == STALE


def test_each_quote_puts_the_instant_off() -> None:
    desk = holding()
    desk.quotes(MNQ, 100, at=8)
    assert not desk.ticks(17.9)
    assert deeds(desk.ticks(18)) == STALE


def test_a_stale_quote_still_counts() -> None:
    desk = holding()
    desk.ticks(11)
    assert desk.state.open_pnl(MNQ) == 0
    assert desk.state.unmarked() == []


def test_each_contract_has_its_own_age_and_what_is_not_held_has_none() -> None:
    desk = holding()
    desk.quotes(ES, 5800, at=2)
    assert deeds(desk.ticks(11)) == STALE
    assert not desk.ticks(12)
    assert deeds(desk.holds(ES, 1, at=30)) == STALE, "it is old already"


def test_without_a_quote_nothing_is_stale_as_after_a_restart() -> None:
    desk = holding()
    desk.hear(Restarted(at=after(5)))
    assert not desk.ticks(60)
    bare = Desk(MaxContracts(limit=5))
    bare.holds(MNQ, 1, at=0)
    assert not bare.ticks(60)
