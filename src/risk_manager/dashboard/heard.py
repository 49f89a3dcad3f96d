"""What a screen has heard of the daemon: everything known, as of the daemon's own time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from risk_manager.dashboard.known import Known, remembered_snapshot, told, told_away, told_snapshot
from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import Snapshot
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarketQuote


class Heard:
    """Folds prices in only where somebody looks: of fifty a second most are replaced before.

    `clock` tells the PC's time (aware UTC); the daemon's own time corrects it.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._skew = timedelta(0)
        self._known = Known()
        self._prices: dict[str, tuple[Message, datetime]] = {}

    def now(self) -> datetime:
        """Tell the daemon's time, which is the venue's."""
        return self._clock() + self._skew

    @property
    def known(self) -> Known:
        """Everything, the latest prices too."""
        for price, at in self._prices.values():
            self._known = told(self._known, price, at=at)
        self._prices.clear()
        return self._known

    def take(self, what: Snapshot | Message | Away) -> None:
        """Hear one thing more."""
        match what:
            case Snapshot() as snapshot:
                self._skew = snapshot.at - self._clock()
                self._prices.clear()
                self._known = told_snapshot(self._known, snapshot, at=snapshot.at)
            case Away(why=why):
                self._known = told_away(self.known, why)
            case Message(data=MarketQuote(contract_id=contract_id)) as price:
                self._prices.pop(contract_id, None)  # so that what came last is folded in last
                self._prices[contract_id] = price, self.now()
            case Message(data=PartsTold(at=at)) as parts:
                self._skew = at - self._clock()
                self._known = told(self.known, parts, at=at)
            case Message() as message:
                self._known = told(self.known, message, at=self.now())

    def remember(self, stored: Snapshot) -> None:
        """Show what was stored, while the daemon itself has said nothing yet."""
        self._known = remembered_snapshot(self._known, stored)
