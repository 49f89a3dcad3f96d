"""The daemon's exits as the venue saw them: never two at once, and never more than is held."""

from collections.abc import Iterator
from dataclasses import dataclass

from trials.soak.ledger import MARKET, Entry, Ledger, body_of

EXITS = frozenset({"/api/Position/closeContract", "/api/Position/partialCloseContract"})
UNANSWERED = 4.9
"""Seconds for which a request without an answer keeps the next one from leaving."""
RACING = 0.25
"""Seconds before a request in which the trader may have filled what it is about, and the daemon not know it yet."""
TOO_MANY = 429


@dataclass(slots=True)
class _Exit:
    """An exit under way."""

    number: int
    at: float
    life: int
    is_answered: bool = False


class Exits:
    """Follows every exit from its request to its fills."""

    def __init__(self) -> None:
        self._latest: dict[tuple[int, str], _Exit] = {}
        self._by_number: dict[int, _Exit] = {}
        self._others: dict[tuple[int, str], float] = {}
        self._ours: set[int] = set()
        self._seen: set[int] = set()
        self._life = 0
        self._faults: set[str] = set()
        self.races = 0

    def read(self, entry: Entry, ledger: Ledger) -> Iterator[str]:
        """Take one entry in, after the ledger; tell what must not be."""
        match entry["kind"]:
            case "control" if entry["deed"] == "note" and body_of(entry).get("daemon") == "starts":
                self._life += 1
            case "request" if entry["path"] in EXITS and isinstance(entry["body"], dict):
                yield from self._request(entry)
            case "fault" if "path" in entry:
                self._faults.add(entry["path"])
            case "reply":
                yield from self._reply(entry)
            case "truth" if entry["target"] == "GatewayUserTrade" and entry["data"]["id"] not in self._seen:
                self._seen.add(entry["data"]["id"])
                yield from self._fill(entry["data"], ledger)
            case _:
                return

    def _request(self, entry: Entry) -> Iterator[str]:
        key = (entry["body"].get("accountId"), entry["body"].get("contractId"))
        before, now = self._latest.get(key), float(entry["monotonic"])
        if before is not None and not before.is_answered and before.life == self._life and now - before.at < UNANSWERED:
            after = f"{now - before.at:.3f} s after one without an answer"
            yield f"a second exit in {key[1]} of account {key[0]} left {after}"
        self._latest[key] = self._by_number[entry["number"]] = _Exit(entry["number"], now, self._life)

    def _reply(self, entry: Entry) -> Iterator[str]:
        if (one := self._by_number.pop(entry["request"], None)) is not None:
            one.is_answered = True
        if entry["status"] == TOO_MANY and entry["path"] not in self._faults:
            yield f"the venue's request budget was exceeded by {entry['path']}"
        self._faults.discard(entry["path"])

    def _fill(self, data: Entry, ledger: Ledger) -> Iterator[str]:
        if data["accountId"] not in ledger.accounts:
            return
        account = ledger.accounts[data["accountId"]]
        key, now = (account.id, data["contractId"]), ledger.now
        order = account.orders.get(data["orderId"])
        exit_ = self._latest.get(key)
        is_exit = order is not None and order.type == MARKET and order.tag is None and order.parent is None
        if not is_exit or exit_ is None:
            self._others[key] = now
            return
        after = account.net.get(data["contractId"], 0)
        before = after - data["size"] * (1 - 2 * data["side"])
        if abs(after) < abs(before) and after * before >= 0:
            return
        if self._others.get(key, -1.0) >= exit_.at - RACING:
            self.races += 1  # the trader's own exit filled between the request and its fill: nobody can prevent that
            return
        yield f"an exit of {data['size']} in {key[1]} made {before} into {after} in account {key[0]}"
