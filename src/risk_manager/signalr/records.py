"""The cutting of a byte stream into records that end with the separator 0x1E."""

from typing import Final

from risk_manager.signalr.messages import EXCERPT_BYTES, Malformed, malformed

SEPARATOR: Final = b"\x1e"
DEFAULT_MAX_RECORD_BYTES: Final = 8 * 1024 * 1024


class RecordReader:
    """Yields the same records however the stream is cut into chunks.

    A record longer than `max_record_bytes` is reported once, as soon as that is certain, and its rest
    is thrown away up to the next separator: memory stays bounded and the stream stays usable.
    """

    def __init__(self, *, max_record_bytes: int = DEFAULT_MAX_RECORD_BYTES) -> None:
        self._max_record_bytes = max_record_bytes
        self._unfinished = bytearray()
        self._skipping_to_separator = False

    def feed(self, chunk: bytes) -> list[bytes | Malformed]:
        """Take the next bytes and return the records that they complete."""
        end = chunk.find(SEPARATOR)
        if 0 <= end == len(chunk) - 1 <= self._max_record_bytes and self._is_between_records:
            return [chunk[:end]]  # one whole record, as nearly always
        *endings, rest = chunk.split(SEPARATOR)
        records: list[bytes | Malformed] = []
        for ending in endings:
            if self._is_between_records and len(ending) <= self._max_record_bytes:
                records.append(ending)  # whole already: no copy
                continue
            self._extend(ending, records)
            if not self._skipping_to_separator:
                records.append(bytes(self._unfinished))
            self._unfinished.clear()
            self._skipping_to_separator = False
        self._extend(rest, records)
        return records

    @property
    def _is_between_records(self) -> bool:
        return not self._unfinished and not self._skipping_to_separator

    def _extend(self, piece: bytes, records: list[bytes | Malformed]) -> None:
        if self._skipping_to_separator or not piece:
            return
        unfinished = self._unfinished
        if len(unfinished) + len(piece) <= self._max_record_bytes:
            unfinished += piece
            return
        # The excerpt stops where the limit does, so that it tells the same however the record is cut.
        shown = min(EXCERPT_BYTES, self._max_record_bytes)
        start = bytes(unfinished[:shown]) + piece[: max(0, shown - len(unfinished))]
        records.append(malformed(start, f"record exceeds {self._max_record_bytes} bytes"))
        unfinished.clear()
        self._skipping_to_separator = True
