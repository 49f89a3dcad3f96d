"""A latch: one request under way, and from when on a reading tells what became of it."""

from dataclasses import dataclass

from risk_manager.daemon.enforcement.goals import Reading
from risk_manager.daemon.enforcement.requests import ClosePosition, ReducePosition, Request
from risk_manager.gateway.port import Answer, Verdict

SETTLING = 1.0
"""Seconds after sending before a reading that still shows the old state allows a repetition."""
FILL_PATIENCE = 5.0
"""Seconds for which a fill that the stream told outweighs a position list that does not show it yet."""
SLOWEST = 30.0
"""Seconds between attempts at something that the venue goes on refusing, while the market is open."""
BRISK_ATTEMPTS = 5
"""Attempts a second apart at what the venue neither did nor refused; then they grow rarer, for the budget's sake."""
TURNED_AWAY = frozenset({401, 429})
"""Answers of a venue that has looked at nothing, for want of a fresh token or of time: soon asked again."""
FIRST_LULL = 0.25
"""Seconds after the first such answer."""
PROOFS_WITHOUT_ANSWER = 2
"""Readings, each sent a second after the request or later, that prove what was never answered."""


@dataclass(slots=True)
class Latch:
    """One request: when it left (monotonic seconds), the position then, what was said to it and what filled."""

    request: Request
    sent_at: float
    attempt: int = 1
    net_size: int = 0
    answered_at: float | None = None
    answer: Answer | None = None
    filled: int = 0
    shown: int = 0
    """Readings in a row that show it done, though it was never answered."""
    may_retry_now: bool = False
    """What it was refused for may have gone."""

    def outcome_is_shown_by(self, reading: Reading) -> bool:
        """Tell whether a reading is young enough: sent after the answer, and late enough where that was unclear."""
        if self.answered_at is None or self.answer is None or reading.sent_at < self.answered_at:
            return False
        is_settled = self.was_turned_away or reading.sent_at >= self.sent_at + SETTLING
        return self.answer.verdict is not Verdict.UNCLEAR or is_settled

    def note_shown(self, reading: Reading, *, done: bool) -> None:
        """Count readings that show it done before any answer has come: the answer may hang, the deed does not."""
        if self.answered_at is None and reading.sent_at >= self.sent_at + SETTLING:
            self.shown = self.shown + 1 if done else 0

    @property
    def is_shown_done(self) -> bool:
        """Tell whether it is proven without an answer; nothing else is sent for it before that has come."""
        return self.shown >= PROOFS_WITHOUT_ANSWER

    def may_repeat_at(self, slowest: float = SLOWEST) -> float:
        """Tell from when on a reading that still shows the old state allows another attempt."""
        if self.is_refused:
            if self.may_retry_now:
                return self.sent_at + SETTLING
            return self.sent_at + min(SETTLING * 2.0 ** min(self.attempt - 1, 10), slowest)
        if self.was_turned_away:
            return self.sent_at + FIRST_LULL * 2.0 ** (self.attempt - 1)
        return self.sent_at + min(SETTLING * max(self.attempt - BRISK_ATTEMPTS + 1, 1), SLOWEST)

    @property
    def was_turned_away(self) -> bool:
        """The venue has not looked at it; the first of such answers in a row."""
        is_early = FIRST_LULL * 2.0 ** (self.attempt - 1) < SETTLING
        return is_early and self.answer is not None and self.answer.code in TURNED_AWAY

    @property
    def is_refused(self) -> bool:
        """The venue said a definite no."""
        return self.answer is not None and self.answer.verdict is Verdict.REFUSED

    @property
    def is_filled_up(self) -> bool:
        """The stream told of fills of all that a close or reduction was to move."""
        match self.request:
            case ClosePosition():
                wanted = abs(self.net_size)
            case ReducePosition(size=size):
                wanted = size
            case _:
                return False
        return 0 < wanted <= self.filled

    def is_filled_in(self, reading: Reading) -> bool:
        """Tell whether the position has moved by all that a close or reduction was to move it."""
        match self.request:
            case ClosePosition(contract_id):
                wanted = abs(self.net_size)
            case ReducePosition(contract_id, size):
                wanted = size
            case _:
                return False
        return wanted > 0 and self._moved(reading.net_size(contract_id)) >= wanted

    def is_ahead_of(self, reading: Reading) -> bool:
        """Tell whether the stream told of fills that the positions do not show yet."""
        match self.request:
            case ClosePosition(contract_id) | ReducePosition(contract_id, _):
                moved = self._moved(reading.net_size(contract_id))
                return moved < self.filled and reading.sent_at < self.sent_at + FILL_PATIENCE
            case _:
                return False

    def _moved(self, net_size: int) -> int:
        towards_zero = self.net_size - net_size
        return towards_zero if self.net_size > 0 else -towards_zero
