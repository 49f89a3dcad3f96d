"""Reading a story."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from risk_manager.replay.story import (
    StoryUnreadableError,
    contract_id,
    decimal_or_none,
    instant,
    read_story,
)

START = datetime(2026, 3, 10, 14, 30, tzinfo=UTC)
TEXT = """\
about: one
start: 2026-03-10T09:30:00-05:00
config: {rules: {max_contracts: {limit: 5}}}
events:
  - {at: +1m30s, position: {contract: MNQ, side: long, size: 1, price: 21000}}
  - {at: +2m, account: {id: 1, can_trade: false}}
  - {at: +3m, account: 7, clock: {}}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "story.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_story_is_read_with_its_instants_in_utc(tmp_path: Path) -> None:
    story = read_story(written(tmp_path, TEXT))
    assert story.start == START
    assert [(one.kind, one.account_id, one.line) for one in story.happenings] == [
        ("position", 1, 5),
        ("account", 1, 6),
        ("clock", 7, 7),
    ]
    assert story.happenings[0].at == START + timedelta(seconds=90)
    assert (story.accounts, story.holidays, story.expect) == ([{"id": 1}], [], None)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("- no section", "a story is a section"),
        ("start: [", "broken YAML"),
        ("start: 2026-03-10T09:30:00-05:00\nend: never", "end: a story has only"),
        ("start: soon", "is no instant"),
        ("start: 2026-03-10T09:30:00", "no offset"),
        ("start: 2026-03-10T09:30:00Z\nevents: [clock]", "an event is a section"),
        ("start: 2026-03-10T09:30:00Z\nevents: [{at: +1s}]", "of one thing"),
        ("start: 2026-03-10T09:30:00Z\nevents: [{at: +1s, clock: {}, feed: {user: up}}]", "of one thing"),
        ("start: 2026-03-10T09:30:00Z\nevents: [{at: later, clock: {}}]", "is no instant"),
    ],
)
def test_what_is_no_story_is_refused_with_its_reason(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(StoryUnreadableError, match=complaint):
        read_story(written(tmp_path, text))


def test_a_story_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoryUnreadableError, match="no such file"):
        read_story(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MNQ", "CON.F.US.MNQ.U26"),
        ("ES", "CON.F.US.EP.U26"),
        ("ES.Z26", "CON.F.US.EP.Z26"),
        ("CON.F.US.EP.H27", "CON.F.US.EP.H27"),
        ("ODD", "CON.F.US.ODD.U26"),
    ],
)
def test_contracts_are_named_by_root_by_month_or_by_id(name: str, meant: str) -> None:
    assert contract_id(name) == meant


def test_offsets_count_from_the_start() -> None:
    assert instant("+1h30m", START, "here") == START + timedelta(minutes=90)
    assert instant("+0.5s", START, "here") == START + timedelta(milliseconds=500)


def test_numbers_are_exact() -> None:
    assert decimal_or_none("0.1") == Decimal("0.1")
    assert decimal_or_none(None) is None
