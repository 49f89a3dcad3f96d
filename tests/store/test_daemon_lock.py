import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from risk_manager.config.turn import lock_file
from risk_manager.store.daemon_lock import HomeInUseError, hold, hold_home, hold_unwritable, is_held
from tests.patience import patience

HOLDER = """
import sys, pathlib
from risk_manager.store.daemon_lock import hold
lock = hold(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_daemon_is_refused_and_told_who_has_it(tmp_path: Path) -> None:
    path = tmp_path / "data" / "daemon.lock"
    lock = hold(path)
    assert is_held(path)
    with pytest.raises(HomeInUseError, match=f"process {os.getpid()}"):
        hold(path)
    lock.release()
    assert not is_held(path)


def test_releasing_twice_is_no_matter(tmp_path: Path) -> None:
    lock = hold(tmp_path / "daemon.lock")
    lock.release()
    lock.release()
    hold(tmp_path / "daemon.lock").release()


def test_a_home_that_never_had_a_daemon_is_free(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "daemon.lock")


def test_the_lock_ends_with_a_process_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "daemon.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == "held"
        with pytest.raises(HomeInUseError, match=f"process {other.pid}"):
            hold(path)
        other.kill()
        other.wait(timeout=patience(10))
        hold(path).release()


def test_a_home_that_cannot_be_written_is_held_by_the_file_that_lies_there(tmp_path: Path) -> None:
    path = tmp_path / "data" / "daemon.lock"
    hold(path).release()
    lock = hold_unwritable(path)
    assert is_held(path)
    with pytest.raises(HomeInUseError, match="another daemon"):
        hold(path)
    lock.release()
    assert not is_held(path)


def test_a_home_that_never_could_be_written_is_held_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "data" / "daemon.lock"
    (tmp_path / "data").write_text("no folder", encoding="utf-8")
    lock = hold_unwritable(path)
    assert is_held(path)
    with pytest.raises(HomeInUseError, match=f"process {os.getpid()}"):
        hold_unwritable(path)
    lock.release()
    assert not is_held(path)
    assert not lock.path.exists()


if sys.platform != "win32":  # which lets nobody move or delete what is open

    @pytest.mark.parametrize("gone", ["data", "data/daemon.lock"])
    def test_a_second_daemon_is_refused_though_the_file_was_moved_away_under_the_first(
        tmp_path: Path, gone: str
    ) -> None:
        path = tmp_path / "data" / "daemon.lock"
        lock = hold_home(path)
        (tmp_path / gone).rename(tmp_path / "moved")
        assert is_held(path)
        for take in (hold_home, hold_unwritable, hold_home):
            with pytest.raises(HomeInUseError, match="another daemon"):
                take(path)
        lock.release()
        assert not is_held(path)
        hold_home(path).release()

    def test_a_second_daemon_is_refused_on_a_new_home_though_all_of_the_old_one_was_moved_away_under_the_first(
        tmp_path: Path,
    ) -> None:
        path = tmp_path / "home" / "data" / "daemon.lock"
        lock = hold_home(path)
        (tmp_path / "home").rename(tmp_path / "moved")
        (tmp_path / "home" / "data").mkdir(parents=True)
        assert is_held(path)
        for take in (hold_home, hold_unwritable, hold_home):
            with pytest.raises(HomeInUseError, match=f"process {os.getpid()}"):
                take(path)
        lock.release()
        assert not is_held(path)
        hold_home(path).release()

    def test_a_file_for_a_homes_name_that_its_holder_deletes_at_this_moment_is_taken_anew(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "data" / "daemon.lock"
        first = [hold_home(path)]
        assert first[0].substitute is not None
        substitute = first[0].substitute.stat()

        def lock_when_released(descriptor: int) -> None:
            if first and os.path.samestat(os.fstat(descriptor), substitute):
                first.pop().release()
            lock_file(descriptor)

        (tmp_path / "data").rename(tmp_path / "moved")
        monkeypatch.setattr("risk_manager.store.daemon_lock._with_folder", lambda lock, _: lock)
        monkeypatch.setattr("risk_manager.store.daemon_lock.lock_file", lock_when_released)
        lock = hold_home(path)
        assert lock.substitute is not None
        assert lock.substitute.exists()
        lock.release()

    def test_another_users_file_for_a_homes_name_keeps_no_daemon_from_starting(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "data" / "daemon.lock"
        user = os.getuid()
        monkeypatch.setattr("os.getuid", lambda: user + 1)
        lock = hold_home(path)
        monkeypatch.undo()
        assert lock.substitute is None
        lock.release()
        other = hold_home(path)
        assert other.substitute is not None
        other.release()

    def test_a_file_for_a_homes_name_that_is_not_to_be_had_keeps_no_daemon_from_starting(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "nowhere"))
        path = tmp_path / "data" / "daemon.lock"
        lock = hold_home(path)
        assert is_held(path)
        lock.release()


def test_where_no_folder_can_be_locked_the_file_holds_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def only_files(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, "as on a network file system")
        lock_file(descriptor)

    monkeypatch.setattr("risk_manager.store.daemon_lock.lock_file", only_files)
    path = tmp_path / "data" / "daemon.lock"
    assert not is_held(path)
    lock = hold_home(path)
    assert is_held(path)
    with pytest.raises(HomeInUseError, match=f"process {os.getpid()}"):
        hold_home(path)
    lock.release()
    assert not is_held(path)


def test_a_disk_that_locks_nothing_is_not_taken_for_another_daemon_and_lets_no_second_one_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "data" / "daemon.lock"
    hold(path).release()
    on_that_disk = [one.stat().st_ino for one in (path, tmp_path)]

    def refuse(descriptor: int) -> None:
        if os.fstat(descriptor).st_ino in on_that_disk:
            raise OSError(errno.ENOLCK, "No locks available")
        lock_file(descriptor)

    monkeypatch.setattr("risk_manager.store.daemon_lock.lock_file", refuse)
    for take in (hold, hold_home):
        with pytest.raises(OSError, match=r"No locks available: '.*daemon.lock'"):
            take(path)
    assert not is_held(path)
    lock = hold_unwritable(path)
    assert is_held(path)
    with pytest.raises(HomeInUseError, match="another daemon"):
        hold_unwritable(path)
    lock.release()
    assert not is_held(path)
    assert not lock.path.exists()


def test_a_look_at_the_instant_of_a_start_is_not_taken_for_another_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "daemon.lock"
    looking = [hold(path)]
    monkeypatch.setattr("time.sleep", lambda _: looking.pop().release())
    hold(path).release()
    assert not looking
