"""Plans written down."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from risk_manager.core.actions import (
    Action,
    Cancel,
    CancelAll,
    CancelSymbol,
    Close,
    CloseAll,
    Lock,
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
from risk_manager.replay.script import comparable, expected, write_action, write_plan
from risk_manager.replay.story import Story, StoryUnreadableError

AT = datetime(2026, 3, 10, 15, tzinfo=UTC)
WARNING = Decision(rule="w", code="W", actions=(Warn("W"),), breach=False)
BREACH = Decision(rule="r", code="R", actions=(CloseAll(),), measured=Decimal("5.10"), limit=5)


def plan(*decisions: Decision, shadow: bool = False) -> Plan:
    actions = tuple(action for one in decisions for action in one.actions)
    return Plan(at=AT, account_id=1, decisions=decisions, actions=actions, shadow=shadow)


def story(expect: Any) -> Story:
    return Story(
        path=Path("s.yaml"), about="", start=AT, config={}, holidays=[], accounts=[], happenings=[], expect=expect
    )


@pytest.mark.parametrize(
    ("action", "written"),
    [
        (Close("C"), {"do": "close", "contract": "C"}),
        (Reduce("C", 2), {"do": "reduce", "contract": "C", "to": 2}),
        (CloseAll(), {"do": "close_all"}),
        (CancelAll(), {"do": "cancel_all"}),
        (Cancel(7), {"do": "cancel", "order": 7}),
        (CancelSymbol("ES"), {"do": "cancel_symbol", "root": "ES"}),
        (Resize(7, 2), {"do": "resize", "order": 7, "size": 2}),
        (
            Lock(rule="r", code="R", mode=LockMode.FLAT, until=AT),
            {"do": "lock", "rule": "r", "mode": "flat", "until": "2026-03-10T15:00:00+00:00"},
        ),
        (
            Lock(rule="r", code="R", mode=LockMode.NO_NEW_RISK, until=None, root="ES"),
            {"do": "lock", "rule": "r", "mode": "no_new_risk", "until": None, "root": "ES"},
        ),
        (Unlock(rule="r"), {"do": "unlock", "rule": "r"}),
        (Unlock(rule="r", root="ES"), {"do": "unlock", "rule": "r", "root": "ES"}),
        (
            PlaceStop(contract_id="C", side=OrderSide.SELL, size=2, stop=Decimal("20990.0")),
            {"do": "place_stop", "contract": "C", "side": "sell", "size": 2, "stop": "20990.0"},
        ),
        (MoveStop(order_id=7, stop=Decimal(5)), {"do": "move_stop", "order": 7, "stop": "5"}),
        (MoveStop(order_id=7, stop=Decimal(5), size=1), {"do": "move_stop", "order": 7, "stop": "5", "size": 1}),
        (Warn("W"), {"do": "warn", "code": "W"}),
    ],
)
def test_each_action_is_written_in_the_storys_words(action: Action, written: object) -> None:
    assert write_action(action) == written


def test_a_plan_is_written_with_its_reasons_and_mode() -> None:
    written = write_plan(plan(BREACH, shadow=True))
    assert written["reasons"] == [{"rule": "r", "code": "R", "measured": "5.10", "limit": "5"}]
    assert (written["decisions"], written["mode"], written["account"]) == (["r"], "shadow", 1)


def test_warnings_and_shadows_are_never_compared() -> None:
    assert comparable([plan(WARNING), plan(BREACH, shadow=True)]) == []
    (found,) = comparable([plan(WARNING, BREACH)])
    assert (found["decisions"], found["do"]) == (["r"], [{"do": "close_all"}])


def test_what_is_expected_and_what_is_decided_are_compared_in_one_form() -> None:
    lock = Lock(rule="r", code="R", mode=LockMode.FLAT, until=AT)
    stop = PlaceStop(contract_id="CON.F.US.MNQ.U26", side=OrderSide.SELL, size=1, stop=Decimal("20990.00"))
    decided = comparable([plan(Decision(rule="r", code="R", actions=(lock, stop)))])
    raw = {
        "at": "+0s",
        "decisions": ["r"],
        "do": [
            {"do": "place_stop", "contract": "MNQ", "side": "sell", "size": 1, "stop": 20990},
            {"do": "lock", "rule": "r", "mode": "flat", "until": "2026-03-10T10:00:00-05:00"},
        ],
    }
    assert expected(story([raw])) == decided


def test_an_expectation_that_is_no_action_is_refused() -> None:
    with pytest.raises(StoryUnreadableError, match="is no action"):
        expected(story([{"at": "+0s", "decisions": ["r"], "do": ["close"]}]))
