"""Which verdicts are new, and which breaches are on their way to their end already."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from risk_manager.core.actions import Action, Cancel, CancelAll, Close, CloseAll, Reduce, Resize, Unlock, Warn
from risk_manager.core.decisions import Decision, Measure
from risk_manager.core.docket import Docket, key_of_breach
from risk_manager.core.policy import Policy
from risk_manager.core.rule import LockoutEnd
from risk_manager.core.rules.max_contracts import MaxContracts
from risk_manager.core.rules.symbol_blocks import SymbolBlocks
from risk_manager.core.state.memory import News
from tests.builders import AT, ES, MNQ, account_state, after, lock, order, position


def decision(*actions: Action, measured: Measure = None, shadow: bool = False) -> Decision:
    return Decision(rule="a_rule", code="CODE", actions=actions, measured=measured, shadow=shadow)


def docket() -> Docket:
    return Docket(account_state(position(MNQ, 1), position(ES, 1), orders=[order(1, MNQ)]))


def test_only_what_was_cleared_and_what_lasts_waits_for_the_end_of_its_breach() -> None:
    known = docket()
    register(known, decision(Close(MNQ)))
    assert not known.waits_for_ends
    register(known, decision(Warn("CODE")))
    assert known.waits_for_ends
    known.end_lasting()
    assert not known.waits_for_ends
    known.state.memory.enforcements.cleared[key_of_breach(decision())] = 1
    assert known.waits_for_ends


def is_idle(known: Docket) -> bool:
    enforcements = known.state.memory.enforcements
    return not enforcements.by_key and not enforcements.cleared


def register(known: Docket, one: Decision, locks: Iterable[str] = ()) -> None:
    for root in locks:
        known.state.lockouts.put(lock(root=root), now=AT, reason="", ceilings={})
    known.register(one)


def test_a_breach_being_enforced_is_no_news_until_something_new_appears() -> None:
    known, one = docket(), decision(Close(MNQ))
    assert known.is_news(one)
    register(known, one)
    assert not known.is_news(one)
    assert known.is_news(decision(Close(MNQ), Close(ES)))


def test_what_appears_while_a_breach_is_enforced_is_asked_for_alone() -> None:
    known = docket()
    register(known, decision(Close(MNQ), Reduce(ES, 1), Cancel(1), Resize(1, 1)))
    known.state.learn_order(order(2, ES), after(1), ours=False)
    grown = decision(Close(MNQ), Reduce(ES, 0), Cancel(1), Cancel(2), CancelAll(), lock())

    assert known.what_is_new(grown).actions == (Reduce(ES, 0), Cancel(2), CancelAll(), lock())
    assert known.what_is_new(decision(Close(MNQ), Close(ES), Resize(1, 1))).actions == (Close(ES),)


def test_a_breach_that_nothing_is_done_about_yet_is_new_as_a_whole() -> None:
    known, whole = docket(), decision(Close(MNQ), lock())
    assert known.what_is_new(whole) is whole
    register(known, decision(lock(root="MNQ")), locks=["MNQ"])
    assert known.what_is_new(whole) is whole


def test_under_a_changed_rule_a_breach_is_asked_for_as_a_whole() -> None:
    known, whole = docket(), Decision(rule=MaxContracts.name, code="CODE", actions=(Close(MNQ), Close(ES)))
    register(known, replace(whole, actions=(Close(MNQ),)))
    assert known.what_is_new(whole).actions == (Close(ES),)
    known.state.news = News(earlier_rules=(MaxContracts(limit=3),))
    known.state.adopt(Policy(rules=(MaxContracts(limit=2),)))
    assert known.what_is_new(whole) is whole


def test_a_lock_that_is_due_anew_is_news_while_its_breach_is_under_way_and_only_until_it_is_in_force() -> None:
    known, one = docket(), decision(Close(MNQ), lock())
    register(known, decision(Close(MNQ)))
    assert not known.is_news(one)
    again = replace(one, anew=True)
    assert known.is_news(again)
    assert known.what_is_new(again).actions == (lock(),)
    assert not known.is_news(replace(again, actions=(Close(MNQ),)))
    known.state.lockouts.put(lock(), now=AT, reason="", ceilings={})
    assert not known.is_news(again)


def test_what_another_enforcement_takes_care_of_is_not_new() -> None:
    known = docket()
    register(known, decision(Close(MNQ)))
    register(known, Decision(rule="other", code="CODE", actions=(CloseAll(), CancelAll())))
    assert not known.is_news(decision(Close(MNQ), Close(ES)))


def test_an_order_that_appears_in_a_contract_being_closed_is_covered() -> None:
    known, one = docket(), decision(CloseAll(), CancelAll())
    register(known, one)
    known.state.learn_order(order(2, MNQ), after(1), ours=False)
    assert not known.is_news(one)
    known.state.learn_order(order(3, "CON.F.US.CLE.U26"), after(1), ours=False)
    assert known.is_news(one)


def test_a_decision_that_wants_nothing_new_is_none() -> None:
    known = docket()
    assert not known.is_news(decision())
    assert not known.is_news(decision(Unlock(rule="a_rule")))
    assert known.is_news(decision(lock()))
    known.state.lockouts.put(lock(), now=AT, reason="", ceilings={})
    assert not known.is_news(decision(lock()))
    assert known.is_news(decision(lock(), CloseAll()))
    assert known.is_news(decision(Unlock(rule="a_rule")))


def test_an_unlock_spares_what_strict_mode_added() -> None:
    known = docket()
    for one in (lock(), lock(code="STRICT_MODE"), lock("other")):
        known.state.lockouts.put(one, now=AT, reason="", ceilings={})
    assert [one.code for one in known.ending(Unlock(rule="a_rule"))] == ["A_REASON"]


def test_an_enforcement_ends_with_its_aims_and_its_lock() -> None:
    known = docket()
    register(known, decision(Close(MNQ), lock(root="MNQ")), ["MNQ"])
    known.state.learn_position(position(MNQ, 0), after(1))
    known.prune()
    assert not is_idle(known)
    known.state.learn_order(order(1, MNQ, 2), after(1), ours=False)
    known.state.memory.orders.drop_missing(frozenset(), after(2))
    known.state.lockouts.by_key.clear()
    known.prune()
    assert is_idle(known)


def test_what_is_over_ends_whatever_else_is_only_shown() -> None:
    known = docket()
    register(known, decision(Close(MNQ), shadow=True))
    register(known, Decision(rule="other", code="CODE", actions=(Close(ES),)))
    known.state.learn_position(position(ES, 0), after(1))
    known.prune()
    assert list(known.state.memory.enforcements.by_key) == [key_of_breach(decision())]


def test_what_is_only_shown_or_warned_of_lasts_until_the_breach_has_ended() -> None:
    known = docket()
    for one in (decision(Close(MNQ), shadow=True), Decision(rule="b", code="C", actions=(Warn("X"),))):
        register(known, one)
        known.prune()
        assert not known.is_news(one)
        known.forget_ended(one.rule, {key_of_breach(one)})
        assert not known.is_news(one)
        known.forget_ended(one.rule, set())
        assert known.is_news(one)
    register(known, decision(Close(MNQ), shadow=True))
    known.end_lasting()
    assert is_idle(known)


def test_an_enforcement_without_anything_to_wait_for_is_none() -> None:
    known = docket()
    for nothing in (Unlock(rule="a_rule"), lock(until=AT)):
        register(known, decision(nothing))
        assert is_idle(known)


@pytest.mark.parametrize("actions", [(Warn("CODE"), Close(MNQ)), (Close(MNQ), Warn("CODE"))])
def test_a_warning_beside_a_deed_does_not_outlast_it(actions: tuple[Action, ...]) -> None:
    known = docket()
    register(known, decision(*actions))
    assert not known.waits_for_ends


def test_a_cleared_breach_is_news_when_it_has_grown_beyond_its_worst_or_ended() -> None:
    known = docket()
    register(known, decision(CloseAll(), lock(root="MNQ"), measured=5), ["MNQ"])
    known.is_news(decision(CloseAll(), lock(root="MNQ"), measured=7))
    known.is_news(decision(CloseAll(), lock(root="MNQ")))
    ended = set(known.state.lockouts.by_key)
    known.state.lockouts.end(ended)
    known.state.memory.enforcements.clear_locks(ended)
    assert not known.is_news(decision(CloseAll(), measured=7))
    assert not known.is_news(decision(CloseAll()))
    assert known.is_news(decision(CloseAll(), measured=8))
    known.state.memory.enforcements.cleared[key_of_breach(decision())] = None
    assert not known.is_news(decision(CloseAll(), measured=99))
    known.forget_ended("a_rule", set())
    assert known.is_news(decision(CloseAll(), measured=1))


def test_a_longer_lock_is_news_when_a_reload_has_changed_the_rule() -> None:
    limit, changed = MaxContracts(limit=2), MaxContracts(limit=2, lockout=LockoutEnd.PERMANENT)
    known = Docket(account_state(position(MNQ, 3), policy=Policy(rules=(changed,))))
    name = "max_contracts"
    short = Decision(rule=name, code="CODE", actions=(Close(MNQ), lock(name, until=after(60))))
    longer = Decision(rule=name, code="CODE", actions=(Close(MNQ), lock(name)))
    known.state.lockouts.put(lock(name, until=after(60)), now=AT, reason="", ceilings={})
    known.register(short)
    assert not known.is_news(longer), "no reload"
    known.state.news = News(earlier_rules=(changed,))
    assert not known.is_news(longer), "the rule is as it was"
    known.state.news = News(earlier_rules=(limit,))
    assert known.is_news(longer)
    assert not known.is_news(short)
    another, another_before = SymbolBlocks(blocked_symbols=()), SymbolBlocks(blocked_symbols=("CL",))
    known.state.adopt(Policy(rules=(another, changed)))
    known.state.news = News(earlier_rules=(another_before, changed))
    assert not known.is_news(longer), "another rule has changed"
    known.state.news = News(earlier_rules=(another, limit))
    assert known.is_news(longer)


def test_a_breach_whose_positions_have_gone_is_under_way_for_as_long_as_its_lock() -> None:
    known = docket()
    known.state.lockouts.put(lock(until=after(60)), now=AT, reason="", ceilings={})
    register(known, decision(Close(ES), lock(until=after(60))))
    register(known, Decision(rule="other", code="CODE", actions=(Close(MNQ), Cancel(1))))
    known.state.learn_position(position(ES, 0), after(1))
    for _ in range(2):
        known.prune()
        assert key_of_breach(decision()) in known.state.memory.enforcements.by_key
    known.state.memory.enforcements.finish(MNQ, [1])
    known.prune()
    assert list(known.state.memory.enforcements.by_key) == [key_of_breach(decision())]
    known.state.advance(after(60))
    known.prune()
    assert is_idle(known)


def test_what_aims_at_nothing_is_over_with_its_lock() -> None:
    known = docket()
    only_lock = lock(until=after(60))
    known.state.lockouts.put(only_lock, now=AT, reason="", ceilings={})
    known.register(decision(only_lock))
    known.prune()
    assert known.state.memory.enforcements.by_key
    known.state.advance(after(60))
    known.prune()
    assert not known.state.memory.enforcements.by_key
