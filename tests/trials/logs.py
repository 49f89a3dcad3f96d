"""A venue's log written by hand: what was told, asked and done, at seconds of one's choice."""

import json
from datetime import timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from trials.soak.checker import Verdict, check
from trials.soak.limits import NEVER, OPENING, Limits

ACCOUNT = 2004
MNQ, MGC, MYM = "CON.F.US.MNQ.Z26", "CON.F.US.MGC.Z26", "CON.F.US.MYM.Z26"
LIMITS = Limits(session_end=OPENING + timedelta(hours=1), day_loss=Decimal(300), open_profit=NEVER)


class Log:
    """Written entry by entry; time goes on with `at`."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self._numbers = count(1)
        self.seconds = 0.0

    def at(self, seconds: float) -> "Log":
        """Let time pass, with a price now and then as at a real venue."""
        while self.seconds + 0.25 < seconds:
            self.seconds += 0.25
            self._truth("GatewayQuote", contractId=MNQ, last="23500", bid="23500", ask="23500.25")
        self.seconds = seconds
        return self

    def price(self, last: str, contract: str = MNQ) -> "Log":
        self._truth("GatewayQuote", contractId=contract, last=last, bid=last, ask=last)
        return self

    def fill(
        self,
        order: int,
        size: int,
        *,
        contract: str = MNQ,
        pnl: str | None = None,
        tag: str | None = "t",
        net: int | None = None,
    ) -> "Log":
        """An order that fills at once: bought with a positive size, sold with a negative one."""
        side = 0 if size > 0 else 1
        self.order(order, size, contract=contract, status=2, tag=tag)
        self._truth(
            "GatewayUserTrade",
            id=next(self._numbers),
            accountId=ACCOUNT,
            contractId=contract,
            orderId=order,
            side=side,
            size=abs(size),
            price=23500,
            profitAndLoss=pnl,
            fees=0,
            commissions=0,
        )
        if net != 0:
            self._truth("GatewayUserPosition", accountId=ACCOUNT, contractId=contract, averagePrice=23500)
        return self

    def order(
        self,
        number: int,
        size: int,
        *,
        contract: str = MNQ,
        kind: int = 2,
        status: int = 1,
        tag: str | None = "t",
    ) -> "Log":
        self._truth(
            "GatewayUserOrder",
            id=number,
            accountId=ACCOUNT,
            contractId=contract,
            type=kind,
            side=0 if size > 0 else 1,
            size=abs(size),
            status=status,
            fillVolume=abs(size) if status == 2 else 0,
            customTag=tag,
        )
        return self

    def stop(self, number: int, size: int, contract: str = MNQ) -> "Log":
        return self.order(number, size, contract=contract, kind=4)

    def asks(self, endpoint: str, **body: object) -> int:
        return self._note("request", method="POST", path=f"/api/{endpoint}", body={"accountId": ACCOUNT, **body})

    def close(self, contract: str = MNQ) -> int:
        return self.asks("Position/closeContract", contractId=contract)

    def reply(self, request: int, *, path: str = "/api/Position/closeContract", status: int = 200) -> None:
        self._note("reply", request=request, path=path, status=status, body={})

    def note(self, **said: object) -> "Log":
        self._note("control", deed="note", data=json.dumps(said))
        return self

    def can_trade(self, *, allowed: bool) -> "Log":
        self._truth("GatewayUserAccount", id=ACCOUNT, canTrade=allowed)
        return self

    def verdict(self, limits: Limits = LIMITS) -> Verdict:
        return check(self.entries, {ACCOUNT: limits})

    def wrong(self, limits: Limits = LIMITS) -> list[str]:
        return [one.text for one in self.verdict(limits).violations]

    def _truth(self, target: str, **data: object) -> None:
        self._note("truth", target=target, action=1, data=data)

    def _note(self, kind: str, **fields: Any) -> int:
        number = next(self._numbers)
        at = (OPENING + timedelta(seconds=self.seconds)).isoformat()
        self.entries.append({"number": number, "kind": kind, "monotonic": 1000 + self.seconds, "at": at, **fields})
        return number
