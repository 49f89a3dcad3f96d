"""What holds, written back."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from risk_manager.config.document import read_document
from risk_manager.config.login_terms import Addresses, Login
from risk_manager.config.policies import policy_from_body
from risk_manager.config.terms import Change, Held, LoosenAfter, Pending, Route, Terms
from risk_manager.config.writing import differences, read_held, write_held, write_policy
from risk_manager.core.policy import Policy

STORIES = sorted((Path(__file__).parents[1] / "stories").rglob("*.yaml"))
AT = datetime(2026, 3, 10, 15, tzinfo=UTC)


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_policy_of_every_story_is_read_back_as_it_was_written(path: Path) -> None:
    body = read_document(path, name=path.name).body
    policy = policy_from_body(body["config"], body.get("holidays") or [], 1)
    written, holidays = json.loads(json.dumps(write_policy(policy)))
    assert policy_from_body(written, holidays, 1) == policy


@pytest.mark.parametrize("wait", [LoosenAfter.NEXT_RESET, LoosenAfter.NONE, timedelta(hours=12)])
def test_terms_and_what_waits_are_read_back_as_they_were_written(wait: LoosenAfter | timedelta) -> None:
    terms = Terms(
        policy=Policy(),
        admin_may_clear=False,
        loosen_after=wait,
        poll_every=timedelta(seconds=3),
        slow_poll_every=timedelta(minutes=2),
        login=Login("trader", "0123"),
        gateway=Addresses("http://127.0.0.1:9"),
        route=Route("Main", "secret:trader"),
    )
    change = Change("max_contracts.limit", "3", "5")
    held = Held(terms, (Pending(change, AT, AT + timedelta(hours=2)), Pending(change)), (change,), is_proven=True)
    assert read_held(json.loads(json.dumps(write_held(held))), 1) == held


def test_every_setting_that_changed_is_named_as_people_write_it() -> None:
    def terms(limit: int, *, clears: bool) -> Terms:
        body = {"rules": {"max_contracts_per_instrument": {"limits": {"ES": limit}, "unknown_symbol_action": "block"}}}
        return Terms(policy=policy_from_body(body, [], 1), admin_may_clear=clears)

    assert [str(one) for one in differences(terms(2, clears=True), terms(1, clears=False))] == [
        "max_contracts_per_instrument.limits.ES 2 → 1",
        "lockouts.admin_may_clear yes → no",
    ]
