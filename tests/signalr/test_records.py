"""Records out of a stream: never lost, never larger than allowed."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from risk_manager.signalr.messages import Malformed
from risk_manager.signalr.records import RecordReader

LIMIT = 10

record_bytes = st.binary(max_size=2 * LIMIT).filter(lambda record: b"\x1e" not in record)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


@given(st.lists(record_bytes), record_bytes, st.lists(st.integers(min_value=0)))
def test_the_records_are_the_same_however_the_stream_is_cut(
    records: list[bytes], rest: bytes, places: list[int]
) -> None:
    stream = b"".join(record + b"\x1e" for record in records) + rest
    reader = RecordReader(max_record_bytes=LIMIT)

    pieces = [record for chunk in cut(stream, places) for record in reader.feed(chunk)]

    assert pieces == RecordReader(max_record_bytes=LIMIT).feed(stream)
    expected = [
        record
        if len(record) <= LIMIT
        else Malformed(record[:LIMIT].decode(errors="replace"), "record exceeds 10 bytes")
        for record in [*records, rest]
    ]
    assert pieces == (expected if len(rest) > LIMIT else expected[:-1])


def test_a_record_of_exactly_the_limit_passes() -> None:
    assert RecordReader(max_record_bytes=LIMIT).feed(b"0123456789\x1e") == [b"0123456789"]


def test_an_endless_record_is_reported_once_and_the_next_one_is_read() -> None:
    reader = RecordReader(max_record_bytes=LIMIT)

    assert reader.feed(b"0123456789a") == [Malformed("0123456789", "record exceeds 10 bytes")]
    assert reader.feed(b"b" * 1000) == []
    assert reader.feed(b'c\x1e{"type":6}\x1e') == [b'{"type":6}']
