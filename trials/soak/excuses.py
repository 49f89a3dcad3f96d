"""The excuses: for which changes the daemon had a reason, when it may have known of it, and how long that holds."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from trials.soak.breaches import Breach, Pause, is_protected
from trials.soak.ledger import MARKET, PROTECTING, Account, Entry, Ledger, Order, price_pnl
from trials.soak.limits import Limits
from trials.soak.windows import Windows

SLACK = 3.0
"""Seconds after a reason has gone in which its enforcement may still sweep up."""
EARLY = 0.5
"""Seconds by which the daemon's clock may run out before the venue's."""
OWN_TAG = "srm-"
CHANGES = {
    "/api/Position/closeContract": "close",
    "/api/Position/partialCloseContract": "reduce",
    "/api/Order/cancel": "cancel",
    "/api/Order/modify": "modify",
    "/api/Order/place": "place",
}


@dataclass(frozen=True, slots=True)
class Change:
    """A request of the daemon that changes something."""

    verb: str
    account: int
    contract: str
    order: Order | None = None

    def __str__(self) -> str:
        """Say it in words."""
        which = f" order {self.order.id} ({self.order})" if self.order is not None else ""
        return f"{self.verb}{which} in {self.contract}"


class Excuses:
    """Remembers when every reason was last there."""

    def __init__(self, limits: dict[int, Limits], windows: Windows) -> None:
        self._limits = limits
        self._windows = windows
        self._last: dict[Breach, float] = {}
        self._flat_since: dict[int, float] = {}
        self._barred: dict[int, float] = {}
        self._bare: dict[tuple[int, str], float] = {}
        self._bare_until: dict[tuple[int, str], tuple[float, float]] = {}
        self._pauses: dict[int, list[Pause]] = {account_id: [] for account_id in limits}
        self._grown: dict[tuple[int, str], float] = {}
        self._net: dict[tuple[int, str], int] = {}
        self._prices: dict[str, deque[tuple[float, Decimal]]] = {}

    def note(self, now: float, found: Iterable[Breach], ledger: Ledger) -> None:
        """Note what is a reason at this moment."""
        for breach in found:
            if breach.rule != "no_stop_loss_grace":
                self._last[breach] = now
        for contract, last in ledger.last.items():
            prices = self._prices.setdefault(contract, deque(maxlen=2000))
            if not prices or prices[-1][1] != last:
                prices.append((now, last))
        for account in ledger.accounts.values():
            self._note_account(now, account)

    def _note_account(self, now: float, account: Account) -> None:
        limits = self._limits[account.id]
        if account.realized <= -limits.day_loss or account.realized >= limits.day_profit:
            self._flat_since.setdefault(account.id, now)
        if not account.can_trade:
            self._barred[account.id] = now
        for contract in account.net:
            key = (account.id, contract)
            net, before = account.net[contract], self._net.get(key, 0)
            if abs(net) > abs(before) or net * before < 0:
                self._grown[key] = now
            self._net[key] = net
            if net and not is_protected(account, contract):
                self._bare.setdefault(key, now)
            elif (since := self._bare.pop(key, None)) is not None:
                self._bare_until[key] = (since, now)

    def pause(self, account_id: int, pause: Pause) -> None:
        """Note a pause."""
        self._pauses[account_id].append(pause)

    @staticmethod
    def change_of(entry: Entry, ledger: Ledger) -> Change | None:
        """Read a request; None for one that changes nothing, or nothing that is known."""
        verb, body = CHANGES.get(entry["path"]), entry["body"]
        if verb is None or not isinstance(body, dict) or body.get("accountId") not in ledger.accounts:
            return None
        order = ledger.accounts[body["accountId"]].orders.get(body.get("orderId", 0))
        contract = body.get("contractId") or (order.contract if order is not None else "")
        return Change(verb, body["accountId"], contract, order) if contract else None

    def covers(self, change: Change, now: float, ledger: Ledger) -> bool:
        """Tell whether a change had a reason that the daemon may have known."""
        since = self._windows.excused_since(now) - SLACK
        account = ledger.accounts[change.account]
        if change.account in self._flat_since or self._barred.get(change.account, -1.0) >= since:
            return True
        if self._is_own_stop(change, since):
            return True
        if change.verb == "place":
            return False
        return (
            any(
                one.account == change.account and one.covers(change.contract) and last >= since
                for one, last in self._last.items()
            )
            or self._was_bare(change, now, since)
            or self._is_paused(change, account, now, since)
            or self._was_priced(change, account, since)
        )

    def _is_own_stop(self, change: Change, since: float) -> bool:
        """The stop that the daemon itself attaches, follows with and takes away."""
        if self._limits[change.account].stop_ticks is None:
            return False
        if change.verb == "place":
            key = (change.account, change.contract)
            return key in self._bare or self._bare_until.get(key, (0.0, -1.0))[1] >= since
        return change.order is not None and (change.order.tag or "").startswith(OWN_TAG)

    def _was_bare(self, change: Change, now: float, since: float) -> bool:
        """Without a stop for as long as is allowed, now or a moment ago."""
        grace = self._limits[change.account].grace - EARLY
        key = (change.account, change.contract)
        if key in self._bare and now - self._bare[key] >= grace:
            return True
        began, ended = self._bare_until.get(key, (0.0, -1.0))
        return ended >= since and ended - began >= grace

    def _is_paused(self, change: Change, account: Account, now: float, since: float) -> bool:
        """In a pause, what was added since it began may go, and orders that do not merely reduce what is held."""
        pauses = [one for one in self._pauses[change.account] if one.begins <= now and one.until >= since]
        if not pauses:
            return False
        begins = min(one.begins for one in pauses) - EARLY
        if self._grown.get((change.account, change.contract), -1.0) >= begins:
            return True
        return change.order is not None and not _reduces(change.order, account)

    def _was_priced(self, change: Change, account: Account, since: float) -> bool:
        """A price that may still have been the daemon's last one makes a breach of the position as it is."""
        net, average = account.net.get(change.contract, 0), account.average.get(change.contract)
        if not net or average is None:
            return False
        limits = self._limits[change.account]
        marks = self._prices.get(change.contract, ())
        older = [last for at, last in marks if at < since][-1:]
        for mark in (*older, *(last for at, last in marks if at >= since)):
            pnl = price_pnl(change.contract, average=average, mark=mark, net=net)
            if pnl <= -limits.open_loss or pnl >= limits.open_profit:
                return True
        return False


def _reduces(order: Order, account: Account) -> bool:
    """Tell whether an order is a stop or an exit that only reduces what is held, and not by too much."""
    net = account.net.get(order.contract, 0)
    is_against = (net > 0) == (order.side == 1)
    return bool(net) and is_against and order.size - order.filled <= abs(net) and order.type in {*PROTECTING, MARKET, 1}
