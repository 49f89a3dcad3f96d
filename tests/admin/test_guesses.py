from datetime import UTC, datetime, timedelta
from pathlib import Path

from risk_manager.admin.guesses import FREE, LONGEST_WAIT, Guesses

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_each_further_wrong_guess_waits_twice_as_long(tmp_path: Path) -> None:
    guesses = Guesses(tmp_path / "guesses.json")
    waits = []
    for _ in range(FREE + 4):
        guesses.begin(NOW)
        waits.append(Guesses(guesses.path).wait(NOW).total_seconds())
    assert waits == [0, 0, 1, 2, 4, 8]
    assert guesses.wait(NOW + timedelta(seconds=8)) == timedelta(0)
    for _ in range(40):
        guesses.begin(NOW)
    assert guesses.wait(NOW) == LONGEST_WAIT


def test_the_right_one_makes_good(tmp_path: Path) -> None:
    guesses = Guesses(tmp_path / "guesses.json")
    for _ in range(9):
        guesses.begin(NOW)
    guesses.succeeded()
    guesses.succeeded()
    assert guesses.wait(NOW) == timedelta(0)


def test_a_clock_set_back_locks_nobody_out_for_ever(tmp_path: Path) -> None:
    guesses = Guesses(tmp_path / "guesses.json")
    for _ in range(9):
        guesses.begin(NOW)
    assert guesses.wait(NOW - timedelta(days=400)) == LONGEST_WAIT


def test_a_record_that_cannot_be_read_makes_no_free_guesses(tmp_path: Path) -> None:
    guesses = Guesses(tmp_path / "guesses.json")
    guesses.path.write_text("{")
    guesses.begin(NOW)
    assert guesses.wait(NOW) > timedelta(0)
