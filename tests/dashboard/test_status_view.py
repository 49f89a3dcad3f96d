"""One look at the daemon."""

from datetime import timedelta

import msgspec

from risk_manager.dashboard.status_view import as_json, as_text, how_it_is, status
from risk_manager.local_api.pending import PendingChange
from tests.dashboard import canned
from tests.dashboard.canned_day import NOW, RESET
from tests.local_api.canned import serving


async def test_the_daemon_is_asked() -> None:
    written: list[str] = []
    async with serving() as server:
        code = await status(now=lambda: NOW, write=written.append, port=server.port)

    assert code == 0
    assert written[0].startswith("daemon 0.1.0: live")


async def test_without_a_daemon_what_was_stored_is_told_with_its_age() -> None:
    written: list[str] = []
    async with serving() as server:
        port = server.port
    old = msgspec.structs.replace(canned.near(), at=NOW - timedelta(minutes=7))

    code = await status(now=lambda: NOW, write=written.append, port=port, stored=lambda: old)

    assert code == 0
    assert written[0].startswith("DAEMON DOWN: the daemon does not answer")
    assert "last known state, 7 m old" in written[0]
    assert "nobody enforces your rules" in written[0]


async def test_with_neither_daemon_nor_store_the_answer_is_three() -> None:
    written: list[str] = []
    async with serving() as server:
        port = server.port

    assert await status(now=lambda: NOW, write=written.append, port=port, stored=lambda: None) == 3
    assert "nothing is stored yet" in written[0]
    assert "\n" not in written[0]


async def test_who_asks_whether_all_is_well_is_told_by_the_exit_code() -> None:
    calm = canned.calm()
    poorly = msgspec.structs.replace(calm, daemon=msgspec.structs.replace(calm.daemon, state="degraded"))
    assert how_it_is(calm, None) == 0
    assert how_it_is(poorly, None) == 1
    assert how_it_is(msgspec.structs.replace(calm, accounts=()), None) == 1
    assert how_it_is(calm, "nobody listens there") == 3
    async with serving() as server:
        port = server.port
    looked = await status(now=lambda: NOW, write=lambda _: None, port=port, stored=lambda: calm)
    asked = await status(now=lambda: NOW, write=lambda _: None, port=port, stored=lambda: calm, verdict=how_it_is)
    assert (looked, asked) == (0, 3)


def test_a_daemon_that_holds_its_home_and_does_not_answer_is_not_said_to_be_down() -> None:
    calm = canned.calm()
    silent = msgspec.structs.replace(calm, daemon=msgspec.structs.replace(calm.daemon, state="silent"))
    assert as_text(silent, "the daemon does not answer", NOW).startswith("DAEMON SILENT: the daemon does not answer")
    assert msgspec.json.decode(as_json(silent, "no answer", NOW))["daemon"]["state"] == "down"


async def test_json_is_asked_for_by_the_way_it_is_written() -> None:
    written: list[str] = []
    async with serving() as server:
        await status(now=lambda: NOW, write=written.append, port=server.port, render=as_json)

    assert msgspec.json.decode(written[0])["accounts"][0]["nickname"] == "Main"


def test_json_of_what_was_stored_says_that_the_daemon_is_down() -> None:
    body = msgspec.json.decode(as_json(canned.calm(), "nobody listens there", NOW))

    assert body["daemon"]["state"] == "down"
    assert body["at"] == "2026-03-10T15:31:02Z"


def test_text_tells_all_there_is() -> None:
    text = as_text(canned.locked(), None, NOW)

    for words in (
        "daemon 0.1.0: live for 2 h, mode enforce",
        "user feed (trader): live for 2 h: fills, orders and positions are seen as they happen",
        "Main · 123456",
        "■ LOCKED",
        "$512.50 of $500.00",
        "flat",
        "■ account: no trading until 17:00 CT, 6:28:58 left",
        "Evaluation · 234567",
    ):
        assert words in text


def test_text_has_no_colour_codes() -> None:
    assert "\x1b" not in as_text(canned.near(), None, NOW)


def test_a_daemon_without_accounts_says_so() -> None:
    told = as_text(msgspec.structs.replace(canned.calm(), accounts=()), None, NOW)
    assert "accounts.yaml" in told
    assert "nothing is enforced" in told
    assert "mode" not in told.splitlines()[0]


def test_where_something_is_amiss_that_leaves_no_account_nobody_is_sent_to_add_one() -> None:
    calm = canned.calm()
    amiss = msgspec.structs.replace(calm.daemon, detail="not watched, as their API key cannot be had: account 1001")
    told = as_text(msgspec.structs.replace(calm, daemon=amiss, accounts=()), None, NOW)
    assert "account 1001" in told
    assert "no account is watched" in told
    assert "accounts.yaml" not in told


def test_what_waits_is_told_and_only_where_something_does() -> None:
    calm = canned.calm()
    waits = PendingChange(what="max_contracts.limit", old="3", new="5", due_at=RESET)
    account = msgspec.structs.replace(calm.accounts[0], pending=(waits,))
    told = as_text(msgspec.structs.replace(calm, accounts=(account,)), None, NOW)
    assert "  Waits, as it would loosen a limit\n    max_contracts.limit 3 → 5 waits until 2026-03-10 17:00 CDT" in told
    assert "Waits" not in as_text(calm, None, NOW)
