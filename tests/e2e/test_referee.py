"""The referee of the fault matrix sees what must never happen, and nothing else."""

from typing import Any

import pytest

from tests.e2e.referee import REQUEST_TIMEOUT, judge

MNQ, MES = "CON.F.US.MNQ.U26", "CON.F.US.MES.U26"
CLOSE = "/api/Position/closeContract"


def request(number: int, at: float, *, contract: str = MNQ, account: int = 1, path: str = CLOSE) -> dict[str, Any]:
    body = {"accountId": account, "contractId": contract}
    return {"number": number, "kind": "request", "monotonic": at, "path": path, "body": body}


def reply(to: int, at: float) -> dict[str, Any]:
    return {"number": to + 100, "kind": "reply", "monotonic": at, "request": to, "path": CLOSE}


def trade(number: int, side: int, size: int, *, order: int) -> dict[str, Any]:
    return {"id": number, "contractId": MNQ, "side": side, "size": size, "orderId": order}


def test_two_closes_of_one_position_in_flight_are_seen() -> None:
    with pytest.raises(AssertionError, match="in flight"):
        judge([request(1, 0.0), request(2, 0.5), reply(1, 1.0)], account=1, trades=[])
    with pytest.raises(AssertionError, match="in flight"):
        judge([request(1, 0.0), request(2, REQUEST_TIMEOUT - 0.5)], account=1, trades=[])


def test_closes_one_after_the_other_or_of_different_positions_are_right() -> None:
    log = [
        request(1, 0.0),
        request(2, 0.1, contract=MES),
        request(3, 0.2, account=2),
        reply(1, 0.3),
        request(4, 0.4),
        request(5, 0.4 + REQUEST_TIMEOUT),
    ]
    judge(log, account=1, trades=[])


def test_a_close_whose_fill_was_told_is_in_flight_no_more() -> None:
    order = {"type": 2, "status": 2, "contractId": MNQ, "accountId": 1}
    filled = {"number": 9, "kind": "event", "target": "GatewayUserOrder", "listeners": 1, "data": {"data": order}}
    judge([request(1, 0.0), filled | {"monotonic": 0.1}, request(2, 0.2)], account=1, trades=[])


def test_a_fill_that_turns_or_opens_a_position_for_nobody_is_seen() -> None:
    bought = trade(1, 0, 2, order=10)
    for wrong in (trade(2, 1, 3, order=20), trade(2, 0, 1, order=20)):
        with pytest.raises(AssertionError, match="of order 20 took"):
            judge([], account=1, trades=[bought, wrong], traders=[10])


def test_what_the_trader_does_and_what_closes_is_right() -> None:
    trades = [trade(1, 0, 2, order=10), trade(2, 1, 1, order=20), trade(3, 1, 3, order=11), trade(4, 0, 2, order=21)]
    judge([], account=1, trades=trades, traders=[10, 11])
