"""The bytes of the load venue: hub records and REST bodies, written beforehand where they repeat."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Final

import msgspec

HELD_SIZE: Final = 1
"""Contracts of the position that every account keeps."""
BREACH_SIZE: Final = 3
"""Contracts of the position that breaks the limit of two."""
BREACH_MARK: Final = b'"size":3,'
"""What shows a breach among the bytes of the user stream, for a client that decodes nothing."""
_NO_DATE: Final = "Date: (none)"
SEPARATOR: Final = b"\x1e"
_OPENED: Final = "2026-08-19T14:15:48.611387+00:00"
_CONTRACT: Final = {"tickSize": 0.25, "tickValue": 1.25, "activeContract": True}


def token_of(account_id: int) -> str:
    """Write a token as long as those of the venue, with the account in it."""
    return f"bench-{account_id}-".ljust(400, "x")


def contract_json(contract_id: str) -> dict[str, object]:
    """Describe a contract; the tests' prices are those of a micro future."""
    root = contract_id.split(".")[3]
    return {"id": contract_id, "name": f"{root}Z6", "symbolId": f"F.US.{root}", "description": root, **_CONTRACT}


def position_json(account_id: int, contract_id: str, size: int) -> dict[str, object]:
    """Describe a long position; one of size 0 is flat, as the hub tells it."""
    return {
        "id": account_id * 10 + size,
        "accountId": account_id,
        "contractId": contract_id,
        "contractDisplayName": contract_id.split(".")[3] + "Z26",
        "creationTimestamp": _OPENED,
        "type": 1 if size else 0,
        "size": size,
        "averagePrice": 5000.25,
    }


def stop_json(account_id: int, contract_id: str) -> dict[str, object]:
    """Describe the stop order that guards the kept position."""
    return {
        "id": account_id * 100,
        "accountId": account_id,
        "contractId": contract_id,
        "creationTimestamp": _OPENED,
        "updateTimestamp": None,
        "status": 1,
        "type": 4,
        "side": 1,
        "size": HELD_SIZE,
        "limitPrice": None,
        "stopPrice": 4900.0,
        "fillVolume": 0,
        "filledPrice": None,
        "customTag": None,
    }


def trades_json(account_id: int, contract_id: str, *, count: int) -> list[dict[str, object]]:
    """Describe earlier half-turns of the day, every second one with a small profit."""
    begun = datetime.now(UTC) - timedelta(minutes=5)
    return [
        {
            "id": account_id * 1000 + number,
            "accountId": account_id,
            "contractId": contract_id,
            "creationTimestamp": (begun + timedelta(seconds=number)).isoformat(),
            "price": 5000.25,
            "profitAndLoss": 1.25 if number % 2 else None,
            "fees": 0.36,
            "commissions": 0.25,
            "side": number % 2,
            "size": 1,
            "voided": False,
            "orderId": account_id * 1000 + 500 + number,
        }
        for number in range(count)
    ]


def invocation(target: str, *arguments: object) -> bytes:
    """Write a hub record with its separator."""
    record = {"type": 1, "target": target, "arguments": list(arguments)}
    return msgspec.json.encode(record) + SEPARATOR


def position_record(account_id: int, contract_id: str, size: int) -> bytes:
    """Write a position event: action 1 while it is open, 2 when it has been closed."""
    body = position_json(account_id, contract_id, size)
    return invocation("GatewayUserPosition", {"action": 1 if size else 2, "data": body})


def quote_records(contract_id: str, *, count: int) -> tuple[bytes, ...]:
    """Write sparse quotes that differ, one from the next, by a tick."""
    return tuple(
        invocation(
            "GatewayQuote",
            contract_id,
            {
                "symbol": "F.US." + contract_id.split(".")[3],
                "lastPrice": 5000.25 + 0.25 * (number % 8),
                "bestBid": 5000.0 + 0.25 * (number % 8),
                "bestAsk": 5000.5 + 0.25 * (number % 8),
                "lastUpdated": _OPENED,
                "timestamp": _OPENED,
            },
        )
        for number in range(count)
    )


def reply(**payload: object) -> bytes:
    """Write a successful REST reply, head and body."""
    body = msgspec.json.encode({"success": True, "errorCode": 0, "errorMessage": None, **payload})
    return http_reply(body)


def http_reply(body: bytes, status: str = "200 OK") -> bytes:
    """Write a reply with the head of a usual server."""
    head = (
        f"HTTP/1.1 {status}\r\n{_NO_DATE}\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def dated(written: bytes) -> bytes:
    """Put the present time into a reply: the daemon takes its clock from it."""
    return written.replace(_NO_DATE.encode(), b"Date: " + format_datetime(datetime.now(UTC), usegmt=True).encode(), 1)
