"""How many events a second one core takes from the bytes of a hub frame through all thirteen rules.

In it: the SignalR protocol, the payloads, their translation, the engine with the state of one account. Not in it:
the socket, the store, the enforcer. The account holds three positions with a stop each; 98 of 100 frames are quotes
of what is held, each with a changed price, the others are reports of its positions and orders.
"""

import gc
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter

from msgspec.json import encode

from benchmarks.product import ALL_RULES
from benchmarks.wire import HELD_SIZE, contract_json, invocation, position_json, quote_records, stop_json
from risk_manager.config.configuration import load
from risk_manager.config.files import home_at
from risk_manager.core.engine import Engine
from risk_manager.core.events import ContractLearned, Event
from risk_manager.core.policy import Policy
from risk_manager.gateway import payloads, translate
from risk_manager.gateway.hub_events import HubEvents
from risk_manager.signalr.messages import Invocation
from risk_manager.signalr.protocol import ClientProtocol

ACCOUNT = 1
CONTRACTS = tuple(f"CON.F.US.{root}.Z26" for root in ("MES", "MNQ", "M2K"))
_BLOCK = 100
_BEGIN = datetime(2026, 9, 16, 15, 0, tzinfo=UTC)


class Line:
    """One account behind a hub connection, without the connection."""

    def __init__(self, policy: Policy) -> None:
        self.events = 0
        self.plans = 0
        self.misread = 0
        self._now = _BEGIN
        self._engine = Engine({ACCOUNT: policy}, at=_BEGIN)
        self._protocol = ClientProtocol()
        self._protocol.send_handshake()
        self._protocol.receive_data(b"{}\x1e")
        self._hub = HubEvents(
            now=self._tick, deliver=self._deliver, misread=self._count_misread, logged_out=lambda: None
        )
        for contract_id in CONTRACTS:
            contract = translate.contract(payloads.read(payloads.CONTRACT, encode(contract_json(contract_id))))
            self._deliver(ContractLearned(at=_BEGIN, contract=contract))

    def receive(self, frame: bytes) -> None:
        """Take one frame, as the socket hands it over."""
        for message in self._protocol.receive_data(frame):
            if isinstance(message, Invocation):
                self._hub.receive(message)

    def _deliver(self, event: Event) -> None:
        self.events += 1
        self.plans += len(self._engine.handle(event))

    def _tick(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def _count_misread(self, _excerpt: str, _reason: str) -> None:
        self.misread += 1


def all_rules() -> Policy:
    """Read the policy of the benchmarks' home: all thirteen rules."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        config.mkdir()
        account = f"accounts: [{{account_id: {ACCOUNT}, username: bench, api_key: bench}}]\n"
        (config / "accounts.yaml").write_text(account, encoding="utf-8")
        (config / "risk_config.yaml").write_text(ALL_RULES, encoding="utf-8")
        return load(home_at(folder)).policies[ACCOUNT]


def opening_frames() -> list[bytes]:
    """Write what brings the account to its three positions with their stops."""
    frames = []
    for number, contract_id in enumerate(CONTRACTS):
        stop = {**stop_json(ACCOUNT, contract_id), "id": number + 1}
        frames.append(invocation("GatewayUserPosition", _told(position_json(ACCOUNT, contract_id, HELD_SIZE))))
        frames.append(invocation("GatewayUserOrder", _told(stop)))
    return frames


def frames_of_a_day(count: int) -> list[bytes]:
    """Write the stream: quotes of the three contracts in turn, and two reports among every hundred."""
    quotes = [cycle(quote_records(contract_id, count=64)) for contract_id in CONTRACTS]
    reports = cycle(opening_frames())
    stream = (next(reports) if number % _BLOCK in (0, 50) else next(quotes[number % 3]) for number in range(count))
    return list(stream)


def events_per_second(frames: int, *, rounds: int) -> float:
    """Measure the median of several rounds."""
    stream = frames_of_a_day(frames)
    line = Line(all_rules())
    for frame in (*opening_frames(), *islice(stream, 1000)):
        line.receive(frame)
    gc.collect()
    speeds = [frames / _seconds(lambda: _feed(line, stream)) for _ in range(rounds)]
    if line.plans or line.misread:
        raise RuntimeError(f"{line.plans} plans and {line.misread} misread: this is not the load that was meant")
    return median(speeds)


def _feed(line: Line, stream: list[bytes]) -> None:
    for frame in stream:
        line.receive(frame)


def _seconds(work: Callable[[], None]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def _told(data: dict[str, object]) -> dict[str, object]:
    return {"action": 1, "data": data}
