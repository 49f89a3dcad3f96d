"""The checker: reads the venue's log alone, and says what the daemon missed and what it did without reason."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from trials.soak.breaches import Breach, Pause, adds_risk, breaches, is_protected, pauses
from trials.soak.excuses import Excuses
from trials.soak.exits import Exits
from trials.soak.ledger import Account, Entry, Fill, Ledger
from trials.soak.limits import Limits
from trials.soak.windows import Windows, windows_of

BOUND = 4.0
"""Seconds that count (see windows.py) for which a breach may stand."""
STANDSTILL = 0.5
"""Seconds without a line in the log, which has a price each quarter of a second: after that the venue stood still."""
FLAT_FOR_THE_DAY = frozenset({"daily_realized_loss", "daily_realized_profit"})


@dataclass(frozen=True, slots=True)
class Violation:
    """What must not have happened, and when (seconds of the log)."""

    at: float
    text: str


@dataclass(slots=True)
class Verdict:
    """What the log shows."""

    violations: list[Violation] = field(default_factory=list)
    breaches: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    changes: int = 0
    reactions: list[float] = field(default_factory=list)
    """Seconds from a breach to the first request that answers it, in calm times."""
    longest: float = 0.0
    """The longest that a breach stood, in seconds that count."""
    races: int = 0
    calm_share: float = 0.0


@dataclass(slots=True)
class _Standing:
    """A breach that stands: since when, and for how many seconds that count."""

    since: float
    counted: float = 0.0
    answered: bool = False
    told: bool = False


class Checker:
    """Reads entry after entry; `verdict` is what they showed."""

    def __init__(self, limits: dict[int, Limits], windows: Windows) -> None:
        self._limits = limits
        self._windows = windows
        self._ledger = Ledger(limits)
        self._excuses = Excuses(limits, windows)
        self._exits = Exits()
        self._standing: dict[Breach, _Standing] = {}
        self._unprotected: dict[tuple[int, str], float] = {}
        self._pauses: dict[int, list[Pause]] = {account_id: [] for account_id in limits}
        self._over_for: dict[Breach, float] = {}
        """For how long a day limit has been met, in seconds that count; the lock must be known after enough."""
        self._calm = self._whole = 0.0
        self.verdict = Verdict()

    def read(self, entry: Entry) -> None:
        """Take in one entry of the log."""
        self._let_pass(float(entry["monotonic"]))
        told = self._ledger.read(entry)
        if isinstance(told, Fill):
            self._fill(self._account_of(told), told)
        if entry["kind"] in {"truth", "request", "control"}:
            self._judge()
        for text in self._exits.read(entry, self._ledger):
            self._violate(text)
        if entry["kind"] == "request":
            self._request(entry)

    def finish(self) -> Verdict:
        """Sum up."""
        self.verdict.races = self._exits.races
        self.verdict.calm_share = self._calm / self._whole if self._whole else 1.0
        return self.verdict

    def _account_of(self, fill: Fill) -> Account:
        return next(one for one in self._ledger.accounts.values() if one.fills.get(fill.id) is fill)

    # time

    def _let_pass(self, now: float) -> None:
        """Let what stands stand for longer, as far as the time counts."""
        before = self._ledger.now or now
        seconds = min(now - before, STANDSTILL)  # nobody can be told, or close anything, while the venue stands still
        if seconds <= 0:
            return
        rate = self._windows.rate(before, of_prices=False)
        priced_rate = self._windows.rate(before, of_prices=True)
        self._calm += seconds * (priced_rate == 1.0)
        self._whole += seconds
        for breach, one in self._standing.items():
            one.counted += seconds * (priced_rate if breach.priced else rate)
            self.verdict.longest = max(self.verdict.longest, one.counted - self._grace(breach))
            if one.counted > BOUND + self._grace(breach) and not one.told:
                one.told = True
                self._violate(f"{_words(breach)} stands for {now - one.since:.1f} s, {one.counted:.1f} s of them count")
        for breach in self._over_for:
            self._over_for[breach] += seconds * rate
        for account_id, standing in self._pauses.items():
            for pause in standing:
                pause.known_for += seconds * rate
                if pause.known_for <= BOUND:
                    _lift(pause, self._ledger.accounts[account_id])

    def _grace(self, breach: Breach) -> float:
        return self._limits[breach.account].grace if breach.rule == "no_stop_loss_grace" else 0.0

    # judgement

    def _judge(self) -> None:
        """Compare what stands now with what stood before."""
        now = self._ledger.now
        found = {one for account in self._ledger.accounts.values() for one in self._breaches(account)}
        for gone in self._standing.keys() - found:
            del self._standing[gone]
        for breach in found:
            if breach not in self._standing:
                self._standing[breach] = _Standing(now)
                self.verdict.breaches[breach.rule] += 1
            if breach.rule in FLAT_FOR_THE_DAY:
                self._over_for.setdefault(breach, 0.0)
        self._excuses.note(now, found, self._ledger)

    def _breaches(self, account: Account) -> Iterator[Breach]:
        limits, now = self._limits[account.id], self._ledger.now
        yield from breaches(account, limits, self._ledger.last, self._ledger.at)
        yield from self._unprotected_of(account)
        if any(one.account == account.id and over > BOUND for one, over in self._over_for.items()) and (
            account.held() or account.working
        ):
            yield Breach("flat for the day", account.id)
        for pause in self._pauses[account.id]:
            if pause.is_certain and pause.known_for > BOUND and now < pause.until:
                yield from _added(pause, account)

    def _unprotected_of(self, account: Account) -> Iterator[Breach]:
        for contract in account.held():
            key = (account.id, contract)
            if is_protected(account, contract):
                self._unprotected.pop(key, None)
            else:
                self._unprotected.setdefault(key, self._ledger.now)
                yield Breach("no_stop_loss_grace", account.id, contract)
        for key in [one for one in self._unprotected if one[0] == account.id and not account.net.get(one[1])]:
            del self._unprotected[key]

    def _fill(self, account: Account, fill: Fill) -> None:
        standing = self._pauses[account.id]
        for pause in pauses(account, self._limits[account.id], fill, standing):
            _lift(pause, account)
            standing.append(pause)
            self.verdict.breaches[pause.rule] += 1
            self._excuses.pause(account.id, pause)

    # what the daemon did

    def _request(self, entry: Entry) -> None:
        change = self._excuses.change_of(entry, self._ledger)
        if change is None:
            return
        self.verdict.changes += 1
        now = self._ledger.now
        if not self._excuses.covers(change, now, self._ledger):
            self._violate(
                f"{change} without a breach; account {change.account}: {_shown(self._ledger, change.account)}"
            )
        for breach, one in self._standing.items():
            if breach.account == change.account and not one.answered and breach.covers(change.contract):
                one.answered = True
                if self._windows.excused_since(now) == now and breach.rule != "no_stop_loss_grace":
                    self.verdict.reactions.append(now - one.since)

    def _violate(self, text: str) -> None:
        now = self._ledger.now
        self.verdict.violations.append(Violation(now, f"{text} [{self._windows.name_at(now)}]"))


def check(entries: Iterable[Entry], limits: dict[int, Limits]) -> Verdict:
    """Judge a whole log."""
    everything = list(entries)
    checker = Checker(limits, windows_of(everything))
    for entry in everything:
        checker.read(entry)
    return checker.finish()


def _lift(pause: Pause, account: Account) -> None:
    """Note what is held while the pause need not be known yet: it may stay."""
    for contract, net in account.held().items():
        key = (contract, 1 if net > 0 else -1)
        pause.ceilings[key] = max(pause.ceilings.get(key, 0), abs(net))


def _added(pause: Pause, account: Account) -> Iterator[Breach]:
    """List where risk was added in a pause that must be known."""
    for contract, net in account.held().items():
        if abs(net) > pause.ceilings.get((contract, 1 if net > 0 else -1), 0):
            yield Breach(f"{pause.rule}: added", account.id, contract)
    for order in account.working.values():
        if adds_risk(account, order):
            yield Breach(f"{pause.rule}: order", account.id, order.contract)


def _words(breach: Breach) -> str:
    return f"{breach.rule} of account {breach.account}{f' in {breach.where}' if breach.where else ''}"


def _shown(ledger: Ledger, account_id: int) -> str:
    account = ledger.accounts[account_id]
    return f"holds {account.held()}, working {sorted(account.working)}, realized {account.realized}"
