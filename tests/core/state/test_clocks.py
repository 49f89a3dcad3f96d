"""Clocks of conditions that rules want timed."""

from risk_manager.core.state.clocks import ConditionClocks
from tests.builders import AT, after


def test_a_clock_goes_on_while_its_condition_holds_and_starts_anew_after_a_pause() -> None:
    clocks = ConditionClocks()
    clocks.follow("rule", ["a"], AT)
    clocks.follow("rule", ["a", "b"], after(5))
    assert clocks.of_rule("rule") == {"a": AT, "b": after(5)}
    clocks.follow("rule", ["b"], after(6))
    clocks.follow("rule", ["a", "b"], after(7))
    assert clocks.of_rule("rule") == {"a": after(7), "b": after(5)}


def test_nothing_is_kept_of_a_rule_that_times_nothing() -> None:
    clocks = ConditionClocks()
    clocks.follow("rule", ["a"], AT)
    clocks.follow("rule", [], after(1))
    clocks.follow("other", [], after(1))
    assert clocks.since == {}


def test_a_clock_runs_only_while_its_rule_does() -> None:
    clocks = ConditionClocks()
    clocks.follow("kept", ["a"], AT)
    clocks.follow("removed", ["a"], AT)
    clocks.stop_other_than(["kept"])
    assert clocks.since.keys() == {"kept"}
