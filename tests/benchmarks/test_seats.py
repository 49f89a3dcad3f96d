"""An account at the load venue."""

from benchmarks.seats import Seat


def test_a_breach_counts_from_its_writing_to_the_request_that_closes_it() -> None:
    seat = Seat(101, is_breached=True, written_at=1_000)

    assert seat.close(seat.breached, read_at=3_500)

    assert seat.delays == [2_500]
    assert not seat.is_breached


def test_a_second_request_or_another_contract_counts_for_nothing() -> None:
    seat = Seat(101, is_breached=True, written_at=1_000)

    assert not seat.close(seat.held[0], read_at=2_000)
    assert seat.close(seat.breached, read_at=2_000)
    assert not seat.close(seat.breached, read_at=3_000)
    assert seat.delays == [1_000]


def test_a_breach_is_missed_where_nobody_listens_or_the_last_one_is_open() -> None:
    seat = Seat(101)
    seat.breach()
    seat.quote()
    seat.tell_flat(seat.breached)

    assert seat.missed == 1
    assert not seat.is_taken


def test_every_kept_position_is_quoted_as_often_as_the_others() -> None:
    seat = Seat(101, positions=3)

    assert len(set(seat.held)) == 3
    assert [seat.held[number % 3].encode() in quote for number, quote in enumerate(seat._quotes)].count(False) == 0
