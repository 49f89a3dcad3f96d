import sys
from pathlib import Path

import pytest

from risk_manager.config.files import Home, keep_private, write_privately
from risk_manager.config.windows_rights import (
    ADMINISTRATORS,
    ALLOWED,
    DENIED,
    EVERYTHING,
    SYSTEM,
    Entry,
    Rights,
    descriptor,
)

ANN = "S-1-5-21-1-2-3-1001"
EVERYBODY = "S-1-1-0"


def rights(*holders: str | None, kind: int = ALLOWED, mask: int = EVERYTHING) -> Rights:
    return Rights(tuple(Entry(holder, kind=kind, mask=mask) for holder in holders), is_inherited=False)


def test_accounts_are_named_by_their_numbers_and_nothing_comes_from_the_folder_above() -> None:
    assert descriptor([SYSTEM, ANN], inherits_to="OICI") == f"D:P(A;OICI;FA;;;S-1-5-18)(A;OICI;FA;;;{ANN})"


def test_whoever_else_is_let_in_is_found() -> None:
    assert rights(SYSTEM, EVERYBODY, ANN).others_than([SYSTEM, ANN]) == [EVERYBODY]
    assert rights(SYSTEM, ANN).others_than([SYSTEM, ANN, ADMINISTRATORS]) == []
    assert rights(EVERYBODY, mask=1).others_than([ANN]) == [EVERYBODY], "reading is enough"


def test_who_is_kept_out_is_not_let_in() -> None:
    assert rights(EVERYBODY, kind=DENIED).others_than([ANN]) == []


def test_a_line_that_cannot_be_read_counts_as_somebody_else() -> None:
    assert rights(None, kind=5).others_than([ANN]) == ["None"]


def test_no_list_at_all_lets_everybody_in() -> None:
    assert Rights(None, is_inherited=False).others_than([ANN]) == ["everybody"]


if sys.platform == "win32":
    from risk_manager.config.windows_rights import give, made_of, restrict, rights_in, rights_of, this_user

    OPEN_TO_ALL = f"D:(A;OICI;FA;;;{EVERYBODY})"

    def holders() -> list[str]:
        return [SYSTEM, ADMINISTRATORS, this_user()]

    @pytest.fixture
    def folder(tmp_path: Path) -> Path:
        give(tmp_path, OPEN_TO_ALL)
        assert rights_of(tmp_path).others_than(holders()) == [EVERYBODY]
        return tmp_path

    def test_this_user_has_a_number() -> None:
        assert this_user().startswith("S-1-")

    def test_the_system_understands_the_words_as_they_are_meant() -> None:
        with made_of(descriptor([SYSTEM, ADMINISTRATORS, ANN], inherits_to="OICI")) as made:
            assert rights_in(made) == rights(SYSTEM, ADMINISTRATORS, ANN)
        with made_of(f"D:(D;;FA;;;{ANN})(A;;0x1;;;{EVERYBODY})") as made:
            denied, allowed = Entry(ANN, kind=DENIED, mask=EVERYTHING), Entry(EVERYBODY, kind=ALLOWED, mask=1)
            assert rights_in(made) == Rights((denied, allowed), is_inherited=True)
        with made_of("O:SY") as made:
            assert rights_in(made).entries is None

    def test_words_that_the_system_does_not_know_are_an_error() -> None:
        with pytest.raises(OSError, match="WinError"), made_of("D:P(A;;FA;;;Administrators)"):
            pass

    def test_an_access_list_is_put_in_the_place_of_another_without_a_program_or_the_name_of_an_account(
        folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("USERNAME", "SYSTEMROOT", "PATH"):
            monkeypatch.delenv(name, raising=False)
        give(folder, descriptor(holders(), inherits_to="OICI"))
        assert Entry(EVERYBODY, kind=ALLOWED, mask=EVERYTHING) not in (rights_of(folder).entries or ())
        assert Entry(this_user(), kind=ALLOWED, mask=EVERYTHING) in (rights_of(folder).entries or ())

    def test_what_everybody_could_read_is_closed(folder: Path) -> None:
        file = folder / "geheim ü.txt"
        file.touch()
        for path in (folder, file):
            give(path, OPEN_TO_ALL)
            restrict(path)
            assert rights_of(path).others_than(holders()) == []

    def test_the_folders_of_a_new_home_and_a_file_in_an_open_one_are_closed(folder: Path) -> None:
        home = Home(folder / "home")
        home.create_folders()
        write_privately(folder / "x", "1")
        for path in (home.folder, home.config, home.data, home.logs, folder / "x"):
            assert rights_of(path).others_than(holders()) == []

    def test_a_file_whose_rights_cannot_be_set_is_not_said_to_be_private(tmp_path: Path) -> None:
        assert not keep_private(tmp_path / "nothing")
        with pytest.raises(FileNotFoundError, match="nothing"):
            restrict(tmp_path / "nothing")
