"""The record of what is held, with the keys that it keeps."""

from dataclasses import replace
from pathlib import Path

from risk_manager.config.configuration import load_what_is_there
from risk_manager.config.files import Home
from risk_manager.config.login_terms import login_of
from risk_manager.config.terms import Held
from risk_manager.daemon.commitment.held_store import HeldStore
from risk_manager.daemon.commitment.ledger import Ledger
from risk_manager.store.database import open_in_memory
from tests.daemon.commitment.doors import MINE, new_home
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.lives import OTHER
from tests.daemon.virtual_time import LoopClock, in_virtual_time


def store_of(home: Home) -> HeldStore:
    return HeldStore(home, open_in_memory(), trouble=lambda _code, _text: None)


def ledger(home: Home, store: HeldStore | None = None) -> Ledger:
    made = Ledger(home, store or store_of(home), clock=LoopClock())
    made.load()
    return made


def test_a_kept_key_serves_a_later_life_that_the_files_name_none_in_and_goes_with_its_login(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    written = load_what_is_there(home)
    held = {ACCOUNT: Held(written.terms[ACCOUNT], is_proven=True)}

    async def scene() -> None:
        store = store_of(home)
        first = ledger(home, store)
        assert first.is_to_be_written
        first.learn(written)
        assert await first.seal_keys(held)
        first.keep(held, written.gateway.addresses, written)
        assert not await first.seal_keys(held)
        store.file.finish()
        home.secrets.unlink()
        later = ledger(home)
        assert later.keys_of(held) == {ACCOUNT: "k0"}
        later.keep({}, written.gateway.addresses, written)
        assert later.record.logins == {}

    in_virtual_time(scene())


def test_accounts_of_one_user_are_watched_with_the_key_that_the_venue_has_taken(tmp_path: Path) -> None:
    home = new_home(tmp_path, MINE, (OTHER, "trader", "secret:trader"))
    written = load_what_is_there(home)
    one = Held(written.terms[ACCOUNT], is_proven=True)
    unheard_of = Held(replace(written.terms[OTHER], login=login_of("trader", "gone")))

    async def scene() -> None:
        mine = ledger(home)
        mine.learn(written)
        assert mine.keys_of({ACCOUNT: one, OTHER: unheard_of}) == {ACCOUNT: "k0", OTHER: "k0"}

    in_virtual_time(scene())


def test_what_is_of_no_single_account_stands_in_it_once_it_is_written(tmp_path: Path) -> None:
    home = new_home(tmp_path)
    written = load_what_is_there(home)

    async def scene() -> None:
        mine = ledger(home)
        assert not mine.tells_all_of(written)
        mine.keep({}, written.gateway.addresses, written)
        assert mine.tells_all_of(written)

    in_virtual_time(scene())
