"""The referee: reads nothing but the venue's own log, and says what must never happen there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Entry = Mapping[str, Any]
EXITS = ("/Position/closeContract", "/Position/partialCloseContract")
ORDER_CHANGES = ("/Order/cancel", "/Order/modify")
PLACE = "/Order/place"
REQUEST_TIMEOUT = 5.0
"""Seconds after which the daemon gives a request up; from then on it is in flight no more."""
SLACK = 0.01


def judge(log: Iterable[Entry], *, account: int, trades: Iterable[Entry], traders: Iterable[int] = ()) -> None:
    """Fail on two changes of one thing in flight at once, and on a fill that turned or opened a position for nobody."""
    entries = list(log)
    found = [*_overlapping(entries, account), *_turned(trades, frozenset(traders))]
    assert not found, "\n".join(found)


def _overlapping(entries: list[Entry], account: int) -> list[str]:
    """List the requests that left while another one for the same position, stop or order was in flight."""
    ends = _ends(entries, account)
    in_flight: dict[tuple[object, ...], float] = {}
    found = []
    for entry in entries:
        key = _key(entry, account)
        if key is None:
            continue
        at = entry["monotonic"]
        if in_flight.get(key, at) > at + SLACK:
            found.append(f"entry {entry['number']}: {entry['path']} {entry['body']} while another was in flight")
        in_flight[key] = ends[entry["number"]]
    return found


def _ends(entries: list[Entry], account: int) -> dict[int, float]:
    """Tell until when each change is in flight: its reply, the fill that the stream told, or the time-out."""
    ends: dict[int, float] = {}
    exits: dict[str, int] = {}
    for entry in entries:
        key = _key(entry, account)
        if key is not None:
            ends[entry["number"]] = entry["monotonic"] + REQUEST_TIMEOUT
            if key[0] == "position":
                exits[str(key[1])] = entry["number"]
        elif entry["kind"] == "reply" and entry["request"] in ends:
            number = entry["request"]
            ends[number] = min(ends[number], entry["monotonic"])
        elif entry["kind"] == "event" and entry["target"] == "GatewayUserOrder" and entry["listeners"]:
            order = entry["data"]["data"]
            is_exit = order["type"] == 2 and order["status"] == 2 and not order.get("customTag")
            if is_exit and order["contractId"] in exits and order["accountId"] == account:
                number = exits[order["contractId"]]
                ends[number] = min(ends[number], entry["monotonic"])
    return ends


def _key(entry: Entry, account: int) -> tuple[object, ...] | None:
    """Tell what a request changes, if it is a change on that account."""
    if entry["kind"] != "request" or not isinstance(entry["body"], dict) or entry["body"].get("accountId") != account:
        return None
    path, body = entry["path"], entry["body"]
    if path.endswith(EXITS):
        return ("position", body["contractId"])
    if path.endswith(ORDER_CHANGES):
        return ("order", body["orderId"])
    return ("place", body["contractId"]) if path.endswith(PLACE) else None


def _turned(trades: Iterable[Entry], traders: frozenset[int]) -> list[str]:
    """List the fills of orders that are not the trader's which opened, enlarged or turned a position."""
    net: dict[str, int] = defaultdict(int)
    found = []
    for trade in sorted(trades, key=lambda one: int(one["id"])):
        before = net[trade["contractId"]]
        after = before + (1 if trade["side"] == 0 else -1) * int(trade["size"])
        net[trade["contractId"]] = after
        if int(trade["orderId"]) not in traders and not (abs(after) < abs(before) and before * after >= 0):
            found.append(f"trade {trade['id']} of order {trade['orderId']} took {before} to {after}")
    return found
