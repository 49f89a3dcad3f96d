"""Plans as a story writes them."""

from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    LockMode,
    MoveStop,
    PlaceStop,
    Reduce,
    Resize,
    Unlock,
    Warn,
)
from risk_manager.core.decisions import Decision, Plan
from risk_manager.core.model.order import OrderSide
from risk_manager.replay.script import Written, comparable, expected, write_action, write_plan
from risk_manager.replay.story import StoryUnreadableError, read_story
from tests.builders import AT, MNQ, after, lock
from tests.replay.stage import write


@pytest.mark.parametrize(
    ("action", "written"),
    [
        (Close(MNQ), {"do": "close", "contract": MNQ}),
        (Reduce(MNQ, 2), {"do": "reduce", "contract": MNQ, "to": 2}),
        (CloseAll(), {"do": "close_all"}),
        (CancelAll(), {"do": "cancel_all"}),
        (Cancel(5), {"do": "cancel", "order": 5}),
        (CancelSymbol("ES"), {"do": "cancel_symbol", "root": "ES"}),
        (Resize(5, 2), {"do": "resize", "order": 5, "size": 2}),
        (
            lock(until=after(0), root="ES"),
            {"do": "lock", "rule": "a_rule", "mode": "flat", "until": "2026-03-10T15:00:00+00:00", "root": "ES"},
        ),
        (
            lock(mode=LockMode.NO_NEW_RISK),
            {"do": "lock", "rule": "a_rule", "mode": "no_new_risk", "until": None},
        ),
        (Unlock(rule="r"), {"do": "unlock", "rule": "r"}),
        (
            PlaceStop(contract_id=MNQ, side=OrderSide.SELL, size=1, stop=Decimal("98.50")),
            {"do": "place_stop", "contract": MNQ, "side": "sell", "size": 1, "stop": "98.50"},
        ),
        (MoveStop(order_id=5, stop=Decimal(98)), {"do": "move_stop", "order": 5, "stop": "98"}),
        (MoveStop(order_id=5, stop=Decimal(98), size=2), {"do": "move_stop", "order": 5, "stop": "98", "size": 2}),
        (Warn("X"), {"do": "warn", "code": "X"}),
    ],
)
def test_every_action_can_be_written(action: Action, written: Written) -> None:
    assert write_action(action) == written


def plan(*actions: Action, shadow: bool = False) -> Plan:
    decision = Decision(rule="a_rule", code="CODE", actions=actions)
    return Plan(at=AT, account_id=1, decisions=(decision,), actions=actions, shadow=shadow)


def test_a_plan_names_its_mode_and_leaves_out_what_was_not_measured() -> None:
    written = write_plan(plan(CloseAll(), shadow=True))
    assert written["mode"] == "shadow"
    assert written["reasons"] == [{"rule": "a_rule", "code": "CODE"}]


def test_shadow_and_warnings_are_never_compared() -> None:
    assert comparable([plan(CloseAll(), shadow=True), plan(Warn("X"))]) == []
    assert comparable([plan(Warn("X"), CloseAll())])[0]["do"] == [{"do": "close_all"}]


def test_what_is_expected_compares_with_what_was_decided_however_it_is_written(tmp_path: Path) -> None:
    story = read_story(
        write(
            tmp_path,
            """
expect:
  - at: +0s
    decisions: [a_rule]
    do:
      - {do: move_stop, order: 5, stop: 98.50, size: null}
      - {do: lock, rule: a_rule, mode: flat, until: 2026-03-10T10:01:00-05:00}
      - {do: close, contract: MNQ}
""",
        )
    )
    found = plan(Close(MNQ), MoveStop(order_id=5, stop=Decimal("98.5")), lock(until=after(60)))
    assert expected(story) == comparable([found])


def test_a_story_that_expects_nothing_says_so(tmp_path: Path) -> None:
    assert expected(read_story(write(tmp_path, "expect:\n"))) == []


def test_what_is_no_action_is_refused(tmp_path: Path) -> None:
    story = read_story(write(tmp_path, "expect: [{at: +0s, decisions: [], do: [close_all]}]\n"))
    with pytest.raises(StoryUnreadableError, match="is no action"):
        expected(story)
