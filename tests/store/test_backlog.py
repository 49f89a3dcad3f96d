from risk_manager.store.backlog import Backlog
from risk_manager.store.rows import LogRow, StateRow

AT = "2026-03-10T14:30:00+00:00"


def state(key: str, body: str, table: str = "timers") -> StateRow:
    return StateRow(table, 1, key, body, AT)


def entry(number: int) -> LogRow:
    return LogRow("journal", number, AT, 1, "event", "{}")


def test_a_later_word_on_a_row_replaces_the_one_that_waits() -> None:
    backlog = Backlog()
    backlog.add([state("a", "1"), state("b", "1")])
    backlog.add([state("a", "2")])
    assert backlog.take() == ([], [state("a", "2"), state("b", "1")])


def test_what_is_in_no_hurry_waits_for_company_and_goes_with_it() -> None:
    backlog = Backlog()
    backlog.add_unhurried([state("seen", "1")])
    backlog.add_unhurried([state("seen", "2")])
    assert (len(backlog), backlog.hurries) == (1, False)
    backlog.add([entry(1)])
    assert backlog.hurries
    assert backlog.take() == ([], [state("seen", "2"), entry(1)])
    assert not backlog.hurries


def test_rows_are_taken_in_slices_and_hurry_until_the_last_one() -> None:
    backlog = Backlog()
    backlog.add(map(entry, range(30)))
    assert len(backlog.take()[1]) == 25
    assert backlog.hurries
    backlog.written()
    assert len(backlog) == 5
    assert len(backlog.take()[1]) == 5
    assert not backlog.hurries


def test_what_is_in_hand_counts_until_it_is_written() -> None:
    backlog = Backlog()
    backlog.intend([state("a", "1"), entry(1)])
    backlog.add([entry(2)])
    backlog.take()
    assert len(backlog) == 3
    backlog.written()
    assert len(backlog) == 0


def test_an_intent_makes_an_older_word_needless_and_is_taken_whole() -> None:
    backlog = Backlog()
    backlog.add([state("a", "1")])
    backlog.intend([state("a", "2"), entry(1)])
    assert backlog.has_intents
    assert backlog.take() == ([[state("a", "2"), entry(1)]], [])
    assert not backlog.has_intents


def test_what_could_not_be_written_comes_first_again_and_is_older_than_what_came_meanwhile() -> None:
    backlog = Backlog()
    backlog.intend([entry(1)])
    backlog.add([state("a", "1"), state("b", "1"), entry(2)])
    taken = backlog.take()
    backlog.add([state("a", "2"), entry(3)])
    backlog.intend([entry(4)])
    backlog.give_back(*taken)
    assert backlog.hurries
    intents, rows = backlog.take()
    assert intents == [[entry(1)], [entry(4)]]
    assert rows == [state("a", "2"), state("b", "1"), entry(2), entry(3)]


def test_locks_are_given_apart_from_the_rest() -> None:
    backlog = Backlog()
    backlog.add([state("a", "1"), state("lock", "1", "lockouts")])
    assert backlog.take_locks() == [state("lock", "1", "lockouts")]
    assert backlog.take() == ([], [state("a", "1")])


def test_the_oldest_log_rows_go_first_when_too_many_wait() -> None:
    backlog = Backlog()
    backlog.add(map(entry, range(20_002)))
    assert backlog.lost == 2
    assert backlog.take()[1][0] == entry(2)
