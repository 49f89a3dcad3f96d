"""The form of a story."""

from pathlib import Path

import pytest

from risk_manager.config.document import read_document
from risk_manager.replay.form import faults_of
from risk_manager.replay.story import StoryUnreadableError, read_story

HEAD = "about: one\nstart: 2026-03-10T09:30:00-05:00\n"


def faults(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "story.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    return faults_of(read_document(path, name="story.yaml"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("expects: []", "story.yaml:3: expects: a story has only about, accounts"),
        ("accounts: [{id: 1, cantrade: false}]", "story.yaml:3: cantrade: an account has only balance, can_trade, id"),
        (
            "events:\n  - {at: +1s, position: {contract: MNQ, side: long, sizes: 5}}",
            "story.yaml:4: sizes: position has",
        ),
        ("events: [{at: +1s, trade: {id: 1, commision: 2}}]", "commision: trade has only commissions, contract"),
        ("events: [{at: +1s, clock: {to: +5s}}]", "to: clock has no fields"),
        ("events: [{at: +1s, restart: {lost: all}}]", "lost: restart has no fields"),
        ("events: [{at: +1s, feed: {users: down}}]", "users: feed has only market, user"),
        ("events: [{at: +1s, admin: {lock_now: {til: +1h}}}]", "til: lock_now has only until"),
        ("events: [{at: +1s, reconciled: {position: []}}]", "position: reconciled has only orders, positions, trades"),
        ("events: [{at: +1s, reconciled: {orders: [{id: 1, prize: 5}]}}]", "prize: one of the orders has only"),
        ("events: [{at: +1s, reconciled: {trades: [1]}}]", "1: one of the trades is a section with"),
        ("events: [{at: +1s, qoute: {contract: MNQ, last: 1}}]", "qoute: there is no such event; there are account"),
        ("events: [{at: +1s, clock: 5}]", "clock: 5 is no section"),
        ("events: [{at: +1s, wen: now, clock: {}}]", "an event tells of one thing, this one of 2: ['wen', 'clock']"),
        ("events: {at: +1s}", "is no list; an event is a section"),
        ("expect: [{at: +1s, decisions: [r], dos: []}]", "dos: a plan has only account, at, decisions, do"),
        ("expect: [{at: +1s, do: [{do: close_all}]}]", "decisions: is missing"),
        ("expect: [{at: +1s, decisions: [r], do: [{do: close_al}]}]", "is no action; there are cancel, cancel_all"),
        ("expect: [{at: +1s, decisions: [r], do: [{do: lock, till: +1h}]}]", "till: lock has only do, mode, root"),
        ("expect: [{at: +1s, decisions: [r], do: [close]}]", "'close': an action is a section like {do: close_all}"),
    ],
)
def test_a_word_that_has_no_place_in_a_story_is_told_with_its_line_and_what_may_stand_there(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (told,) = faults(tmp_path, text)
    assert complaint in told
    assert told.startswith("story.yaml:")


def test_all_slips_of_a_story_are_told_at_once_and_it_is_not_played(tmp_path: Path) -> None:
    text = "events:\n  - {at: +1s, quote: {contract: MNQ, lst: 1}}\n  - {at: +2s, order: {id: 1, sort: stop}}\n"
    assert [one.split(" ")[1] for one in faults(tmp_path, text)] == ["lst:", "sort:"]
    with pytest.raises(StoryUnreadableError, match=r"lst(.|\n)*sort"):
        read_story(tmp_path / "story.yaml")


def test_every_word_that_the_guide_to_stories_names_has_its_place(tmp_path: Path) -> None:
    text = """\
config: {rules: {max_contracts: {limit: 5}}}
holidays: []
accounts: [{id: 1, can_trade: true, balance: 50000}]
events:
  - {at: +0s, account: 1, position: {contract: MNQ, side: long, size: 1, price: 1, id: 1, opened: +0s}}
  - {at: +1s, order: {id: 1, contract: MNQ, type: stop, side: sell, size: 1, limit: 1, stop: 1, filled: 0, status: open, tag: t, parent: 2, updated: +1s, ours: true}}
  - {at: +2s, trade: {id: 1, order: 1, contract: MNQ, side: buy, size: 1, price: 1, pnl: 0, fees: 0, commissions: 0, voided: false, time: +1s, ours: true}}
  - {at: +3s, quote: {contract: MNQ, last: 1, bid: 1, ask: 1}}
  - {at: +4s, account: {id: 1, can_trade: true, balance: 1, missing: true}}
  - {at: +5s, admin: {clear: max_contracts, root: ES}}
  - {at: +6s, admin: {lock_now: {until: +1h}}}
  - {at: +7s, clock: {}}
  - {at: +8s, feed: {user: down}}
  - {at: +9s, enforced: {contract: MNQ, ok: true}}
  - {at: +10s, reload: {rules: {}}}
  - {at: +11s, restart: {}}
  - {at: +12s, reconciled: {positions: [], orders: [], trades: []}}
expect:
  - {at: +1s, account: 1, decisions: [r], do: [{do: lock, rule: r, mode: flat, until: null, root: ES}, {do: move_stop, order: 1, stop: 1, size: 1}]}
"""  # noqa: E501 - an event is one line
    assert faults(tmp_path, text) == []
