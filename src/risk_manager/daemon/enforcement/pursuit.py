"""The pursuit of an account's goals: which requests may leave now, and which goals a reading proves.

Pure: time comes in as monotonic seconds. A request latches what it changes (a position, an order) until a
reading that is younger than its answer shows what became of it; nothing else is sent for it meanwhile. That is
why nothing is closed twice and no position is flipped: the venue answers "accepted" before it fills, and may
have taken what it never answered.
"""

from dataclasses import dataclass, field

from risk_manager.daemon.enforcement.goals import Goals, Reading
from risk_manager.daemon.enforcement.latch import SETTLING, SLOWEST, Latch
from risk_manager.daemon.enforcement.requests import (
    EXITS,
    CancelOrder,
    ClosePosition,
    Key,
    PlaceStopOrder,
    ReducePosition,
    Request,
    ResizeOrder,
)
from risk_manager.daemon.enforcement.succession import Succession
from risk_manager.daemon.enforcement.taking_back import TakingBack
from risk_manager.daemon.enforcement.wants import Wants, fits
from risk_manager.gateway.port import Answer, Verdict

LOST_STOP_PATIENCE = 10.0
"""Seconds for which a stop whose answer was lost is looked for by its tag, before another may be placed."""
STREAM_LAG = 5.0
"""Seconds after a proof in which a stream may still tell of the position before it: a reduction is read first."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a reading led to: requests to send, contracts proven, and whether nothing is left to prove."""

    requests: tuple[Request, ...]
    proven: tuple[str, ...]
    finished: bool


@dataclass(slots=True)
class Pursuit:
    """Goals of one account with the requests under way for them."""

    goals: Goals = field(default_factory=Goals)
    latches: dict[Key, Latch] = field(default_factory=dict)
    _attempts: dict[Key, int] = field(default_factory=dict)
    _proven_at: dict[str, float] = field(default_factory=dict)
    _wanted_at: float = 0.0
    _wants: Wants = field(default_factory=Wants)
    taking_back: TakingBack = field(default_factory=TakingBack)
    _succession: Succession = field(default_factory=Succession)
    slowest_retry: float = SLOWEST
    """Seconds between attempts at what the venue refuses."""

    @property
    def is_under_way(self) -> bool:
        """Tell whether there is anything to prove."""
        return bool(self.goals or self.latches or self.taking_back.opened)

    def want(self, goals: Goals, seen: Reading) -> tuple[Request, ...]:
        """Take over further goals; return what may leave at once, by what is known now."""
        self.goals = self.goals.merged(goals)
        self._wanted_at = seen.sent_at
        self._succession.aim(goals.targets, seen)
        self._wants.note_exits(self.goals, seen)
        self._open_filled(seen)
        requests = [request for request in self._wanted(seen) if not self._must_be_read_first(request, seen)]
        return self._latch_all(requests, seen, seen.sent_at)

    def go_on(self, seen: Reading) -> tuple[Request, ...]:
        """Ask for the rest where an exit has filled to its last contract, and the stream shows that more is held."""
        freed = self._open_filled(seen)
        if not freed:
            return ()
        self._wants.note_exits(self.goals, seen)
        rest = [request for request in self._wanted(seen) if request.key in freed]
        return self._latch_all([one for one in rest if not self._must_be_read_first(one, seen)], seen, seen.sent_at)

    def want_once(self, request: Request, seen: Reading) -> tuple[Request, ...]:
        """Latch a request that is sent once and not pursued; nothing when what it changes is being changed."""
        if request.key in self.latches:
            return ()
        return self._latch_all([request], seen, seen.sent_at)

    def answered(self, request: Request, answer: Answer, at: float) -> None:
        """Note what the venue said to a request."""
        latch = self.latches.get(request.key)
        if latch is not None and latch.request is request:
            latch.answered_at = at
            latch.answer = answer

    def filled(self, contract_id: str, size: int) -> None:
        """Note that the stream told of a fill of the close or reduction under way."""
        latch = self.latches.get(("position", contract_id))
        if latch is not None:
            latch.filled += size

    def read(self, reading: Reading, now: float) -> Progress:
        """Judge the venue's own word: open latches, drop what is reached, ask for what is left."""
        self.goals = self.goals.named(reading)
        self._succession.aim_where_new(self.goals.targets, reading)
        is_current = reading.sent_at >= self._wanted_at
        if is_current:
            self.goals = self.goals.settled()
        self._wants.note_exits(self.goals, reading)
        for latch in self.latches.values():
            latch.note_shown(reading, done=self._is_reached(latch, reading))
        for key in [key for key, latch in self.latches.items() if self._opens(latch, reading)]:
            del self.latches[key]
        changing = {str(subject) for kind, subject in self.latches if kind == "position"}
        opened_by_us = self.taking_back.goals(reading, changing=changing)
        self._succession.aim(opened_by_us.targets, reading)
        self.goals = self.goals.merged(opened_by_us)
        proven = (*self._drop_succeeded(reading), *self._drop_reached(reading)) if is_current else ()
        requests = self._latch_all(self._wanted(reading), reading, now)
        if not self.is_under_way:
            self._attempts.clear()
        return Progress(requests, proven, finished=not self.is_under_way)

    @property
    def is_unanswered(self) -> bool:
        """Tell whether a request still waits for its answer."""
        return any(latch.answered_at is None for latch in self.latches.values())

    @property
    def worth_reading_at(self) -> float | None:
        """Tell from when on a reading may prove something, while requests are out and none was answered."""
        if not self.latches or any(latch.answered_at is not None for latch in self.latches.values()):
            return None
        return min(latch.sent_at for latch in self.latches.values()) + SETTLING

    def may_repeat_after(self, sent_at: float) -> float | None:
        """Tell from when on a reading may allow an attempt that one sent at this instant did not.

        It is about what the venue neither did nor refused; None when nothing of it is still to come.
        """
        unclear = [
            latch.may_repeat_at()
            for latch in self.latches.values()
            if latch.answer is not None and latch.answer.verdict is Verdict.UNCLEAR
        ]
        return min((at for at in unclear if at > sent_at), default=None)

    def retry_refused(self) -> None:
        """Note that what requests were refused for may have gone."""
        for latch in self.refused():
            latch.may_retry_now = True

    def refused(self) -> tuple[Latch, ...]:
        """List the requests that the venue refuses."""
        return tuple(latch for latch in self.latches.values() if latch.is_refused)

    def _open_filled(self, seen: Reading) -> frozenset[Key]:
        """Let go of exits that have filled to the last contract by the stream, whatever REST is doing.

        What is held now is then another position, and need not wait for the proof of the first; fills and
        position report must agree.
        """
        filled = frozenset(
            key
            for key, latch in self.latches.items()
            if latch.is_filled_up
            and isinstance(latch.request, EXITS)
            and latch.request.contract_id not in seen.doubtful
        )
        for key in filled:
            del self.latches[key]
        return filled

    def _opens(self, latch: Latch, reading: Reading) -> bool:
        """Tell whether a request's outcome is known, or it may be repeated."""
        if not latch.outcome_is_shown_by(reading):
            return False
        if self._is_reached(latch, reading):
            self._attempts.pop(latch.request.key, None)
            return True
        if isinstance(latch.request, PlaceStopOrder):
            return False  # the rule asks again, the pursuit never does
        if self._waits_for_its_order(latch, reading) or reading.sent_at < latch.may_repeat_at(self.slowest_retry):
            return False
        self._attempts[latch.request.key] = latch.attempt
        return True

    def _is_reached(self, latch: Latch, reading: Reading) -> bool:
        match latch.request:
            case ClosePosition(contract_id) | ReducePosition(contract_id, _):
                is_enough = latch.is_filled_in(reading) or self._target_met(contract_id, reading)
                return is_enough and not self._waits_for_its_order(latch, reading)
            case CancelOrder(order_id):
                return order_id not in reading.orders
            case ResizeOrder(order_id, size):
                return fits(reading.orders.get(order_id), size)
            case PlaceStopOrder(tag=tag):
                return self._is_placed(latch, tag, reading)
            case _:
                return True  # stops are moved once; the rule looks again

    def _is_placed(self, latch: Latch, tag: str, reading: Reading) -> bool:
        """Tell whether nothing more comes of a new stop: it is there by its tag, or the venue's answer was clear.

        One whose answer was lost may still appear; a second one beside it could turn the position round.
        """
        if any(order.tag == tag for order in reading.orders.values()):
            return True
        is_clear = latch.answer is not None and latch.answer.verdict is not Verdict.UNCLEAR
        return is_clear or reading.sent_at >= latch.sent_at + LOST_STOP_PATIENCE

    def _waits_for_its_order(self, latch: Latch, reading: Reading) -> bool:
        if not isinstance(latch.request, EXITS):
            return False
        return bool(reading.exits(latch.request.contract_id)) or latch.is_ahead_of(reading)

    def _drop_reached(self, reading: Reading) -> tuple[str, ...]:
        proven = tuple(
            held
            for held, most in self.goals.targets.items()
            if self._is_decided(("position", held))
            and self._target_met(held, reading)
            and not reading.exits(held)
            and not any(self._wants.leftovers(held, most, reading))
        )
        gone = [order_id for order_id in self.goals.cancels if order_id not in reading.orders]
        fitting = [order_id for order_id, most in self.goals.sizes.items() if fits(reading.orders.get(order_id), most)]
        self.goals = self.goals.without(targets=proven, cancels=gone, sizes=fitting)
        self._proven_at |= dict.fromkeys(proven, reading.sent_at)
        return proven

    def _drop_succeeded(self, reading: Reading) -> tuple[str, ...]:
        """Drop what was closed while nobody could read, and has been followed by a position that was opened later.

        The rules judge that one, and what is aimed at it then is news.
        """
        gone = tuple(
            held
            for held, most in self.goals.targets.items()
            if most == 0 and ("position", held) not in self.latches and self._succession.is_over(held, reading)
        )
        self.goals = self.goals.without(targets=gone, cancels=(), sizes=())
        return gone

    def _is_decided(self, key: Key) -> bool:
        latch = self.latches.get(key)
        return latch is None or latch.is_shown_done

    def _target_met(self, contract_id: str, reading: Reading) -> bool:
        most = self.goals.targets.get(contract_id)
        return most is None or reading.size(contract_id) <= most

    def _wanted(self, seen: Reading) -> list[Request]:
        """List what is wanted and not under way."""
        return [ask for ask in self._wants.requests(self.goals, seen) if ask.key not in self.latches]

    def _must_be_read_first(self, request: Request, seen: Reading) -> bool:
        """Tell whether a reduction rests, soon after a proof, on a report that no fill explains: it may be late."""
        match request:
            case ReducePosition(contract_id, _):
                proven_at = self._proven_at.get(contract_id)
                return contract_id in seen.doubtful and proven_at is not None and seen.sent_at < proven_at + STREAM_LAG
            case _:
                return False

    def _latch_all(self, requests: list[Request], seen: Reading, now: float) -> tuple[Request, ...]:
        for request in requests:
            attempt = self._attempts.get(request.key, 0) + 1
            net_size = seen.net_size(request.contract_id) if isinstance(request, EXITS) else 0
            self.latches[request.key] = Latch(request, now, attempt, net_size)
        return tuple(requests)
