"""A story as its file tells it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from risk_manager.replay.story import StoryUnreadableError, contract_id, decimal_or_none, instant, read_story
from tests.builders import AT, after, dec
from tests.replay.stage import write


def test_a_story_has_defaults(tmp_path: Path) -> None:
    story = read_story(write(tmp_path, ""))
    assert (story.start, story.about) == (AT, "A story for a test.")
    assert (story.config, story.holidays, story.accounts) == ({}, [], [{"id": 1}])
    assert (story.happenings, story.expect) == ([], None)


def test_events_tell_what_when_and_of_whom(tmp_path: Path) -> None:
    story = read_story(
        write(
            tmp_path,
            """
events:
  - {at: +1s, clock: {}}
  - {at: +2s, account: 7, quote: {contract: ES, last: 5}}
  - {at: +3s, account: {id: 8, can_trade: false}}
  - {at: +4s, account: {can_trade: false}}
  - {at: 2026-03-10T10:00:05-05:00, restart: null}
""",
        )
    )
    assert [(one.at, one.account_id, one.kind) for one in story.happenings] == [
        (after(1), 1, "clock"),
        (after(2), 7, "quote"),
        (after(3), 8, "account"),
        (after(4), 1, "account"),
        (after(5), 1, "restart"),
    ]
    assert story.happenings[0].line is not None


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("surprise: 1\n", "surprise: a story has only"),
        ("events: [clock]\n", "an event is a section"),
        ("events: [{at: +1s}]\n", "this one of 0"),
        ("events: [{at: +1s, clock: {}, restart: {}}]\n", "this one of 2"),
        ("events: [{at: later, clock: {}}]\n", "is no instant"),
        ("events: [{at: 2026-03-10T10:00:00, clock: {}}]\n", "no offset from UTC"),
        ("events: [\n", "story.yaml"),
    ],
)
def test_what_does_not_follow_the_form_is_refused_with_its_place(tmp_path: Path, body: str, complaint: str) -> None:
    with pytest.raises(StoryUnreadableError, match=complaint):
        read_story(write(tmp_path, body))


def test_a_file_that_is_no_section_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("[1, 2]\n", encoding="utf-8")
    with pytest.raises(StoryUnreadableError):
        read_story(path)


def test_an_offset_needs_a_start() -> None:
    assert instant("+1h30m", AT, "here") == AT + timedelta(minutes=90)
    assert instant("2026-03-10T16:00:00+01:00", None, "here") == datetime(2026, 3, 10, 15, tzinfo=UTC)
    with pytest.raises(StoryUnreadableError, match="here"):
        instant("+1s", None, "here")


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("MNQ", "CON.F.US.MNQ.U26"),
        ("ES", "CON.F.US.EP.U26"),
        ("ES.Z26", "CON.F.US.EP.Z26"),
        ("CON.F.US.EP.H27", "CON.F.US.EP.H27"),
        ("ODD", "CON.F.US.ODD.U26"),
    ],
)
def test_contracts_are_named_by_root_by_month_or_in_full(name: str, full: str) -> None:
    assert contract_id(name) == full


def test_numbers_are_read_exactly() -> None:
    assert decimal_or_none(0.1) == dec("0.1")
    assert decimal_or_none(None) is None
