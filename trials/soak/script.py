"""The script of a soak: what traders, market and bad luck do, and when; a pure function of seed and length."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from trials.soak.limits import ACCOUNTS

ROOTS = {
    "MNQ": (Decimal("0.25"), 23500),
    "MES": (Decimal("0.25"), 6500),
    "MYM": (Decimal(1), 45000),
    "MCL": (Decimal("0.01"), 64),
}
"""What is traded: tick and opening price."""
FORBIDDEN = "MGC"
QUIET_AT_THE_END = 15.0
"""Seconds at the end without new deeds: everything must come to rest."""
KILLS_UNTIL = 0.6
"""Share of the time after which the daemon is killed no more, so that its memory can be watched."""
CALM = (6.0, 12.0)
"""Seconds, at least and at most, between the end of one misfortune's window and the next one."""


@dataclass(frozen=True, slots=True)
class Act:
    """One deed: seconds from the beginning, its name, and its values.

    Names are those of the venue's control interface, or `daemon/kill` and `daemon/stop` (`seconds`: until it lives
    again). `order` may name an order by its tag.
    """

    at: float
    deed: str
    values: dict[str, Any]


def script(seed: int, minutes: float) -> list[Act]:
    """Write the script: the same for the same seed and length."""
    length = minutes * 60 - QUIET_AT_THE_END
    prices = list(_prices(Random(f"prices {seed}"), length))
    acts = [*prices]
    for account in ACCOUNTS:
        acts += _trader(Random(f"trader {account} {seed}"), account, length, _Path(prices))
    acts += _misfortunes(Random(f"misfortunes {seed}"), length)
    return sorted(acts, key=lambda act: act.at)


def _prices(rng: Random, length: float) -> Iterator[Act]:
    """Let every price walk, and now and then jump."""
    last = {root: Decimal(opening) for root, (_, opening) in ROOTS.items()}
    at = 0.0
    while (at := at + rng.uniform(0.1, 0.25)) < length + QUIET_AT_THE_END:
        root = rng.choice(list(ROOTS))
        tick, opening = ROOTS[root]
        steps = rng.randint(-4, 4) if rng.random() > 0.01 else rng.choice((-1, 1)) * rng.randint(40, 120)
        wished = last[root] + steps * tick
        if abs(wished - opening) < Decimal(opening) / 100:  # orders far from the market are refused
            last[root] = wished
        yield Act(at, "price", {"contract": root, "last": str(last[root])})


class _Path:
    """What a price was at a time of the script."""

    def __init__(self, prices: list[Act]) -> None:
        self._prices = prices

    def at(self, root: str, at: float) -> Decimal:
        found = Decimal(ROOTS[root][1])
        for act in self._prices:
            if act.at > at:
                break
            if act.values["contract"] == root:
                found = Decimal(act.values["last"])
        return found


def _trader(rng: Random, account: int, length: float, path: _Path) -> Iterator[Act]:
    """One trader's day: mostly within his rules, often enough not. He acts without looking."""
    at = rng.uniform(3, 8)
    number = 0
    while at < length:
        number += 1
        tag = f"t{account}-{number}"
        for act in _idea(rng, account, tag, at, path):
            if act.at < length:
                yield act
        at += rng.uniform(11, 24)


def _idea(  # noqa: PLR0911  one for each idea
    rng: Random, account: int, tag: str, at: float, path: _Path
) -> list[Act]:
    root = rng.choice(list(ROOTS))
    side = rng.choice(("buy", "sell"))
    back = "sell" if side == "buy" else "buy"

    def order(after: float, name: str, side: str, size: int, contract: str = root, **more: object) -> Act:
        values = {"account": account, "contract": contract, "side": side, "size": size, "tag": f"{tag}{name}", **more}
        return Act(at + after, "place", values)

    away = ROOTS[root][0] * rng.randint(20, 60) * (-1 if side == "buy" else 1)
    price = path.at(root, at)
    stop: dict[str, Any] = {"type": "stop", "stop": str(price + away)}
    kind = rng.choices(
        ("bracket", "stopped", "bare", "large", "crowd", "churn", "resting", "forbidden", "scale"),
        weights=(20, 22, 14, 14, 6, 4, 8, 6, 10),
    )[0]
    holds = rng.uniform(2, 12)
    match kind:
        case "bracket":
            sign = 1 if side == "buy" else -1
            legs: dict[str, Any] = {
                "stop_loss_ticks": -sign * rng.randint(15, 40),
                "take_profit_ticks": sign * rng.randint(10, 40),
            }
            return [order(0, "a", side, rng.randint(1, 2), **legs)]
        case "stopped":
            size = rng.randint(1, 2)
            leave = [
                Act(at + holds, "cancel", {"account": account, "order": f"{tag}s"}),
                order(holds + 0.3, "x", back, size),
            ]
            return [order(0, "a", side, size), order(0.2, "s", back, size, **stop), *leave]
        case "bare":
            return [order(0, "a", side, 1), order(holds, "x", back, 1)]
        case "large":
            return [order(0, "a", side, rng.randint(4, 8)), order(0.4, "s", back, 2, **stop)]
        case "crowd":
            return [order(0.1 * i, f"c{i}", side, 2, contract=one) for i, one in enumerate(ROOTS)]
        case "churn":
            return [order(0.3 * i, f"n{i}", side if i % 2 == 0 else back, 1) for i in range(rng.randint(16, 19))]
        case "resting":
            limit: dict[str, Any] = {"type": "limit", "limit": str(price + away)}
            return [
                order(0, "l", side, 1, **limit),
                Act(at + holds, "cancel", {"account": account, "order": f"{tag}l"}),
            ]
        case "forbidden":
            return [order(0, "f", side, 1, contract=FORBIDDEN)]
        case _:
            return [order(0, "a", side, 1), order(0.2, "s", back, 2, **stop), order(1.5, "b", side, 1)]


def _misfortunes(rng: Random, length: float) -> Iterator[Act]:
    """One misfortune after the other, each with the window in which it excuses something, and a calm time between."""
    at = rng.uniform(12, 18)
    kinds = list(MISFORTUNES)
    rng.shuffle(kinds)
    while at < length:
        if not kinds:
            kinds = list(MISFORTUNES)
            rng.shuffle(kinds)
        kind = kinds.pop()
        acts, window, hurts = MISFORTUNES[kind](rng)
        if kind == "killed" and at > length * KILLS_UNTIL:
            continue
        if at + window > length:
            break
        yield Act(at, "note", {"misfortune": kind, "hurts": hurts, "seconds": window})
        for after, deed, values in acts:
            yield Act(at + 0.01 + after, deed, values)
        at += window + rng.uniform(*CALM)


Misfortune = tuple[list[tuple[float, str, dict[str, Any]]], float, str]
"""What happens and how long after; for how long it excuses; what it hurts: stream, prices, rest or nothing."""


def _rest(window: float, **fault: object) -> Misfortune:
    return [(0, "faults/rest", dict(fault)), (window - 4, "faults/clear", {})], window, "rest"


MISFORTUNES: dict[str, Any] = {
    "stream dropped": lambda _: ([(0, "hub", {"hub": "user", "deed": "drop"})], 6.0, "stream"),
    "stream silent": lambda _: ([(0, "hub", {"hub": "user", "deed": "freeze"})], 45.0, "stream"),
    "stream tells nothing": lambda rng: (
        [
            (0, "hub", {"hub": "user", "deed": "freeze_events"}),
            (t := rng.uniform(5, 15), "hub", {"hub": "user", "deed": "thaw"}),
        ],
        t + 16,
        "stream",
    ),
    "stream closed to all": lambda rng: (
        [
            (0, "hub", {"hub": "user", "deed": "refuse"}),
            (0, "hub", {"hub": "user", "deed": "close"}),
            (t := rng.uniform(4, 10), "hub", {"hub": "user", "deed": "admit"}),
        ],
        t + 15,
        "stream",
    ),
    "events swallowed": lambda rng: (
        [(0, "faults/event", {"deed": "swallow", "times": rng.randint(1, 6)}), (6, "faults/clear", {})],
        16.0,
        "stream",
    ),
    "events late": lambda rng: (
        [
            (0, "faults/event", {"deed": "delay", "times": rng.randint(2, 8), "seconds": rng.uniform(0.5, 3)}),
            (5, "faults/clear", {}),
        ],
        14.0,
        "stream",
    ),
    "events twice": lambda rng: (
        [(0, "faults/event", {"deed": "duplicate", "times": rng.randint(3, 15)})],
        0.0,
        "nothing",
    ),
    "events shuffled": lambda rng: (
        [(0, "switches", {"fill_sequence": rng.sample(("order", "trade", "position", "account"), 4)})],
        0.0,
        "nothing",
    ),
    "prices dropped": lambda _: ([(0, "hub", {"hub": "market", "deed": "drop"})], 8.0, "prices"),
    "prices frozen": lambda _: (
        [(0, "hub", {"hub": "market", "deed": "freeze_events"}), (10, "hub", {"hub": "market", "deed": "thaw"})],
        18.0,
        "prices",
    ),
    "answers hang": lambda rng: _rest(16.0, hang=True, times=rng.randint(1, 3)),
    "closes hang": lambda rng: _rest(16.0, endpoint="closeContract", hang=True, executes=True, times=rng.randint(1, 2)),
    "server errors": lambda rng: _rest(10.0, status=rng.choice((500, 502, 503)), times=rng.randint(1, 6)),
    "done but not said": lambda rng: _rest(
        12.0, endpoint="Contract", status=504, executes=True, times=rng.randint(1, 3)
    ),
    "too many requests": lambda rng: _rest(14.0, status=429, times=rng.randint(1, 4)),
    "closes refused": lambda rng: _rest(
        12.0, endpoint="closeContract", code=5, leaves_rejected=True, times=rng.randint(1, 2)
    ),
    "closes cut": lambda _: ([(0, "faults/cut_close", {"contracts": 1})], 0.0, "nothing"),
    "tokens run out": lambda _: ([(0, "expire_tokens", {})], 8.0, "rest"),
    "logged out": lambda _: ([(0, "logout", {})], 25.0, "rest"),
    "killed": lambda rng: ([(0, "daemon/kill", {"seconds": (t := rng.uniform(0.1, 4))})], t + 10, "rest"),
    "asleep": lambda rng: ([(0, "daemon/stop", {"seconds": (t := rng.uniform(1, 8))})], t + 8, "rest"),
    "liquidated": lambda rng: (
        [
            (0, "liquidate", {"account": (account := rng.choice(ACCOUNTS))}),
            (t := rng.uniform(6, 12), "account", {"account": account, "can_trade": True}),
        ],
        t,
        "nothing",
    ),
    "barred": lambda rng: (
        [
            (0, "account", {"account": (account := rng.choice(ACCOUNTS)), "can_trade": False}),
            (t := rng.uniform(6, 12), "account", {"account": account, "can_trade": True}),
        ],
        t,
        "nothing",
    ),
}
"""Every misfortune by its name, as a function of a source of randomness."""
