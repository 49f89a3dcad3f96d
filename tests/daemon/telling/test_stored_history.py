import shutil
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from risk_manager.daemon.telling.stored_history import NEVER_ENDED, stored_history, told_again
from risk_manager.local_api.frames import Message, recalled
from risk_manager.local_api.messages import EnforcementAction
from risk_manager.store.database import open_database, open_for_daemon, open_in_memory
from risk_manager.store.journal import Entry
from tests.daemon.stage import RULES, Stage, home_with, play

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DECISION = {"rule": "max_contracts", "code": "MAX_CONTRACTS_EXCEEDED", "measured": "4", "limit": "3", "subject": ""}


def step(number: int, kind: str, **body: Any) -> Entry:
    whole = {"case": "a", "rules": ["max_contracts"], "actions": [{"do": "close_all"}], **body}
    return Entry(number, NOON + timedelta(seconds=number), 7, kind, whole)


def action_of(message: Message) -> EnforcementAction:
    assert isinstance(message.data, EnforcementAction)
    return message.data


def test_the_steps_of_an_enforcement_are_one_that_happened_when_it_began() -> None:
    proof = step(2, "proven", decisions=[DECISION], first_request_ms=0.9, proven_ms=88.0, past_limit="12.50")
    (message,) = told_again([step(1, "started", decisions=[DECISION]), proof])
    action = action_of(message)
    assert (message.account_id, action.state, action.at) == (7, "proven", NOON + timedelta(seconds=1))
    assert (action.first_request_ms, action.proven_ms, action.past_limit) == (0.9, 88.0, Decimal("12.50"))
    assert (action.decisions[0].measured, action.decisions[0].limit) == (Decimal(4), Decimal(3))


def test_one_that_never_ended_is_not_shown_as_under_way() -> None:
    (message,) = told_again([step(1, "started")])
    assert (action_of(message).state, action_of(message).detail) == ("failed", NEVER_ENDED)


def test_what_an_older_version_wrote_without_numbers_still_names_the_rule() -> None:
    (message,) = told_again([step(1, "proven")])
    assert [verdict.rule for verdict in action_of(message).decisions] == ["max_contracts"]


def test_what_cannot_be_read_is_left_out() -> None:
    assert told_again([step(1, "proven", actions="everything")]) == []


def test_what_cannot_be_asked_has_no_history(tmp_path: Path) -> None:
    database = open_database(tmp_path / "state.db")
    database.close()
    assert stored_history(database.journal) == ()


def test_a_step_that_was_told_is_in_the_history_of_a_daemon_that_died_the_moment_after(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(open_for_daemon(path)) as dying:
        dying.journal.log_enforcement("proven", step(1, "proven").body, at=NOON, account_id=7)
        shutil.copytree(tmp_path, tmp_path / "found")
    with closing(open_in_memory(knowing=tmp_path / "found" / path.name)) as found:
        (told,) = [recalled(one) for one in stored_history(found.journal)]
    assert told is not None
    assert action_of(told).state == "proven"


def test_a_new_life_of_the_daemon_still_tells_what_the_earlier_one_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path)

    async def breach(stage: Stage) -> None:
        await stage.live()
        stage.says(4)
        await stage.until(lambda: stage.venue.net and not any(stage.venue.net.values()) and stage.is_quiet())

    async def look(stage: Stage) -> None:
        messages = [recalled(one) for one in stage.daemon.publisher.recent if one.type == "enforcement_action"]
        (first, *_) = [one for one in messages if one is not None]
        assert action_of(first).decisions[0].code == "MAX_CONTRACTS_EXCEEDED"
        assert action_of(first).state == "proven"

    play(home, breach)
    play(home, look)


def test_a_plan_of_a_rule_in_shadow_is_told_again_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "k")
    home = home_with(tmp_path, rules=f"mode: shadow\n{RULES}")

    async def breach(stage: Stage) -> None:
        await stage.live()
        stage.says(4)
        await stage.until(stage.is_quiet)

    async def look(stage: Stage) -> None:
        told = [recalled(one) for one in stage.daemon.publisher.recent if one.type == "enforcement_action"]
        assert [action_of(one).state for one in told if one is not None] == ["shadow"]

    play(home, breach)
    play(home, look)
