"""The record of what is held: sealed, and of two copies the better one."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_manager.config.files import Home
from risk_manager.config.held_record import (
    KeptKey,
    Record,
    better,
    new_seal_key,
    read_file,
    read_record,
    seal_key,
    write_record,
)
from risk_manager.config.login_terms import Addresses, Login
from risk_manager.config.policies import policy_from_body
from risk_manager.config.terms import Change, Held, Pending, Route, Terms
from risk_manager.core.policy import Policy

KEY, ANOTHER = b"k" * 32, b"a" * 32
AT = datetime(2026, 3, 10, 15, tzinfo=UTC)
HELD = Held(
    Terms(policy=policy_from_body({"rules": {"max_contracts": {"limit": 3}}}, [], 7), route=Route("Main")),
    (Pending(Change("max_contracts.limit", "3", "5"), AT, AT),),
)
RECORD = Record(
    revision=4,
    venue="a:443",
    venues={"a:443": {7: HELD}},
    logins={"trader": KeptKey("0123", "sealed")},
    keys={"alert a": "4567"},
)


def test_a_record_is_read_back_as_it_was_written() -> None:
    copy = read_record(write_record(RECORD, KEY), KEY)
    assert copy is not None
    assert copy.record == RECORD
    assert copy.is_sealed


@pytest.mark.parametrize("key", [ANOTHER, None])
def test_without_the_key_the_seal_cannot_be_told(key: bytes | None) -> None:
    copy = read_record(write_record(RECORD, KEY), key)
    assert copy is not None
    assert not copy.is_sealed


def test_an_edit_breaks_the_seal_and_another_layout_does_not() -> None:
    text = write_record(RECORD, KEY)
    edited = read_record(text.replace('"limit": 3', '"limit": 9'), KEY)
    assert edited is not None
    assert not edited.is_sealed
    laid_out = read_record(json.dumps(json.loads(text)), KEY)
    assert laid_out is not None
    assert laid_out.is_sealed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        pytest.param("[" * 100_000, id="deeply nested"),
        '{"seal": 1, "body": {}}',
        '{"seal": "", "body": []}',
        '{"seal": "", "body": {"revision": Infinity, "venue": "", "venues": {}, "keys": {}}}',
    ],
)
def test_what_is_no_record_is_none(text: str) -> None:
    assert read_record(text, KEY) is None


def test_a_pipe_in_place_of_the_record_is_none_and_nobody_waits_for_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create_folders()
    getattr(os, "mkfifo", os.mkdir)(home.commitment)  # where there are no pipes, a folder
    assert read_file(home) is None


def test_terms_that_cannot_be_read_are_named_and_the_others_stay() -> None:
    record = Record(venue="a:443", venues={"a:443": {7: HELD, 8: HELD}})
    written = json.loads(write_record(record, KEY))
    written["body"]["venues"]["a:443"]["8"]["terms"]["body"]["rules"] = {"no_such_rule": {}}
    copy = read_record(json.dumps(written), KEY)
    assert copy is not None
    assert list(copy.record.venues["a:443"]) == [7]
    assert copy.record.unread[0].startswith("account 8: ")


def test_a_whole_seal_is_better_than_a_later_copy_and_of_two_whole_ones_the_later_is() -> None:
    old, new = (write_record(Record(revision=revision), KEY) for revision in (1, 2))
    sealed, later, forged = read_record(old, KEY), read_record(new, KEY), read_record(new, ANOTHER)
    assert better(sealed, forged) == sealed
    assert better(sealed, later, None) == later
    assert better(forged, None) == forged
    assert better(None, None) is None


def test_a_new_venue_begins_with_what_the_last_one_was_held_to_of_the_accounts_that_it_has() -> None:
    record = RECORD.with_held("a:443", {7: HELD, 8: HELD})
    there = Addresses("https://b", "https://b/user", "https://b/market")
    assert record.held_at(there, frozenset({7})) == {7: Held(replace(HELD.terms, gateway=there))}
    assert record.held_at(Addresses("https://a"), frozenset()) == {7: HELD, 8: HELD}
    assert record.with_held("b:443", {}).venues["a:443"] == {7: HELD, 8: HELD}
    assert Record().held_at(there, frozenset({7})) == {}


def test_each_writing_is_a_revision_of_its_own() -> None:
    assert RECORD.with_held("a:443", {7: Held(Terms(policy=Policy()))}).revision == 5


def test_the_key_of_the_seal_is_made_once_and_read_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create_folders()
    assert seal_key(home) is None
    assert read_file(home) is None
    key = new_seal_key(home)
    assert seal_key(home) == key
    home.commitment.write_text(write_record(RECORD, key), encoding="utf-8")
    copy = read_file(home)
    assert copy is not None
    assert copy.is_sealed
    home.commitment_key.write_text("short", encoding="ascii")
    assert seal_key(home) is None


def test_where_the_venue_is_follows_the_files_until_an_account_is_held_to_a_proven_login() -> None:
    there = Addresses("https://b")
    assert Record().gateway(there) == RECORD.gateway(there) == there
    proven = RECORD.with_held("a:443", {7: HELD, 8: replace(HELD, is_proven=True)})
    assert proven.gateway(there) == Addresses()


def test_a_record_of_an_earlier_version_holds_on_and_its_logins_are_to_be_proven() -> None:
    written = json.loads(write_record(RECORD, KEY))["body"]
    terms = written["venues"]["a:443"]["7"]["terms"]
    del terms["login"], terms["gateway"], written["venues"]["a:443"]["7"]["is_proven"]
    terms["route"] = {"username": "trader", "nickname": "Main", "key": ""}
    del written["logins"]
    copy = read_record(json.dumps({"seal": "", "body": written}), KEY)
    assert copy is not None
    held = copy.record.venues["a:443"][7]
    assert (held.terms.login, held.terms.route, held.is_proven) == (Login("trader"), Route("Main"), False)
    assert held.terms.policy == HELD.terms.policy
    assert copy.record.logins == {}
