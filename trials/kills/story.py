"""The story that is told to its end whenever the daemon dies: a reduction, a close, a close of all, a lock in force."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import msgspec

from risk_manager.config.files import Home
from risk_manager.local_api.client import fetch_snapshot
from risk_manager.local_api.errors import LocalApiError
from risk_manager.simulator import wire
from risk_manager.simulator.control import account_state
from risk_manager.simulator.deeds import DEEDS
from risk_manager.simulator.switches import Switches
from risk_manager.simulator.venue import Venue, running_venue
from trials.kills.mortal import DEATH, Point
from trials.kills.nursery import PATIENCE, Life, Nursery
from trials.kills.record import planned, unrecorded

ACCOUNT = 1001
RULES = """\
local_api: {{port: {port}}}
feed: {{poll_every: 1s, slow_poll_every: 5s}}
rules:
  max_contracts_per_instrument: {{limits: {{MNQ: 2}}, unknown_symbol_action: allow_unlimited}}
  daily_unrealized_loss: {{loss_limit: 250}}
  daily_realized_loss: {{loss_limit: 450}}
  trade_frequency_limit: {{limits: {{per_session: 50}}}}
  cooldown_after_loss: {{loss_thresholds: [{{loss_amount: 10000, cooldown: 1h}}]}}
"""
ACCOUNTS = """\
gateway: {{api: "{api}", user_hub: "{user_hub}", market_hub: "{market_hub}"}}
accounts:
  - {{account_id: 1001, username: {username}, api_key: "{api_key}", nickname: Main}}
"""
WORKING = frozenset({0, 1, 6, 7, 8})
Truth = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a story ended: what must be the same whenever and however often the daemon died on the way."""

    fills: tuple[tuple[str, str, int], ...]
    """Product, side and size of every executed order, in order."""
    held: tuple[tuple[str, int], ...]
    working: int
    balance: str
    told: Any
    """What the daemon itself tells of the account: locks, P&L and counters."""
    faults: tuple[str, ...]
    """What must never happen: a position turned round, a change without a stored intent."""


@dataclass
class Stage:
    """A venue, a home and whichever daemon lives there; one that dies is followed by one that is immortal."""

    venue: Venue
    nursery: Nursery
    home: Path
    port: int
    deaths: list[Point | None]
    died: int = 0
    life: Life | None = None
    faults: list[str] = field(default_factory=list)
    _error: str = field(default="")
    _heard: str = field(default="")
    _judged: int = 0
    _plans: int = 0

    async def keep_alive(self) -> None:
        """Start a daemon, and another whenever one has died as it was to."""
        pending = list(self.deaths)
        while True:
            point = pending.pop(0) if pending else None
            self.life = await self.nursery.bear(self.home, point)
            code = await asyncio.shield(self.life.ended)
            if code != DEATH or point is None:
                self._error = f"the daemon ended by itself with code {code}:\n{self._said}"
                return
            self.died += 1
            self.faults += self._left_unrecorded()

    @property
    def _said(self) -> str:
        """What the lives said and noted last."""
        files = self.home / "daemon.out", Home(self.home).log("daemon")
        return "\n".join(file.read_text(encoding="utf-8", errors="replace")[-6000:] for file in files if file.exists())

    def _left_unrecorded(self) -> list[str]:
        """Compare what the life that just ended has asked with what it has recorded."""
        requests = self.venue.stage.log.since(self._judged, frozenset({"request"}))
        plans = planned(self.home / "data" / "state.db")
        mine, self._plans = plans[self._plans :], len(plans)
        self._judged = requests[-1]["number"] if requests else self._judged
        return unrecorded(requests, mine)

    def act(self, deed: str, /, **values: object) -> dict[str, Any]:
        """Act at the venue, as the control interface does."""
        kind, what = DEEDS[deed]
        result = what(self.venue.deeds, msgspec.convert(values, kind, strict=False))
        self.venue.stage.pump()
        return result or {}

    @property
    def truth(self) -> Truth:
        """The account as the venue has it."""
        written = wire.encode(account_state(self.venue.stage, self.venue.stage.exchange.accounts[ACCOUNT]))
        return cast("Truth", msgspec.json.decode(written))

    async def until(self, is_so: Callable[[Truth], bool], what: str) -> None:
        """Wait until the venue's truth is so."""
        for _ in range(int(PATIENCE / 0.01)):
            if self._error:
                raise AssertionError(self._error)
            if is_so(self.truth):
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"it did not come to this: {what}; {self.truth}; the daemon said:\n{self._said}")

    async def told(self) -> Any:
        """What the daemon tells of the account; None while it does not."""
        try:
            snapshot = await fetch_snapshot(self.port, patience=1)
        except LocalApiError as error:
            self._heard = str(error)
            return None
        self._heard = str(snapshot.daemon)
        return msgspec.to_builtins(snapshot.accounts[0]) if snapshot.daemon.state == "live" else None

    async def until_told(self, is_so: Callable[[Any], bool], what: str) -> Any:
        """Wait until the daemon is live and says so."""
        told = None
        for _ in range(int(PATIENCE / 0.02)):
            if self._error:
                raise AssertionError(self._error)
            told = await self.told()
            if told is not None and is_so(told):
                return told
            await asyncio.sleep(0.02)
        raise AssertionError(f"it was not told: {what}; {told}; last heard: {self._heard}; it said:\n{self._said}")


def working(truth: Truth) -> list[Truth]:
    """List the orders that may still fill."""
    return [order for order in truth["orders"] if order["status"] in WORKING]


def code_of(contract_id: str) -> str:
    """Shorten a contract to its product."""
    return contract_id.split(".")[3]


def held(truth: Truth) -> dict[str, int]:
    """Tell what is held, by product."""
    return {code_of(one["contractId"]): one["size"] * (3 - 2 * one["type"]) for one in truth["positions"]}


async def tell(
    nursery: Nursery, home: Path, *, port: int, deaths: list[Point | None], fill_latency: float
) -> tuple[Ending, int]:
    """Play the story with a daemon that dies at these points; return how it ended, and how often the daemon died."""
    switches = Switches(prices_move=False, fill_latency=fill_latency, rate_limit=False)
    async with running_venue(switches=switches) as venue:
        _furnish(home, venue, port)
        stage = Stage(venue, nursery, home, port, deaths)
        keeper = asyncio.create_task(stage.keep_alive())
        try:
            await _act_all(stage, fill_latency)
            ending = await _ending(stage)
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
            if stage.life is not None:
                await stage.life.kill()
    return ending, stage.died


def _furnish(home: Path, venue: Venue, port: int) -> None:
    (home / "config").mkdir(parents=True)
    accounts = ACCOUNTS.format(
        api=venue.api,
        user_hub=venue.user_hub,
        market_hub=venue.market_hub,
        username=venue.username,
        api_key=venue.api_key,
    )
    (home / "config" / "accounts.yaml").write_text(accounts, encoding="utf-8")
    (home / "config" / "risk_config.yaml").write_text(RULES.format(port=port), encoding="utf-8")


async def _act_all(stage: Stage, fill_latency: float) -> None:
    """Four breaches, each with orders in the way; every step waits for the venue to look as the rules want it."""
    await stage.until_told(lambda _: True, "the daemon is live")
    last = stage.act("price", contract="MNQ", ticks=0)["last"]
    far = str(float(last) - 50)
    stage.act("place", account=ACCOUNT, contract="MNQ", side="buy", size=2)
    await stage.until(lambda truth: held(truth) == {"MNQ": 2}, "two are held")
    stop = stage.act("place", account=ACCOUNT, contract="MNQ", side="sell", size=4, type="stop", stop=far)["order"]
    stage.act("place", account=ACCOUNT, contract="MNQ", side="buy", size=2)
    await stage.until(lambda truth: _has_bought(truth, "MNQ", 4) and held(truth) == {"MNQ": 2}, "reduced to two")
    await stage.until(lambda truth: {one["id"]: one["size"] for one in working(truth)} == {stop: 2}, "the stop fits")

    price = float(stage.act("price", contract="MYM", ticks=0)["last"])
    stage.act("place", account=ACCOUNT, contract="MYM", side="buy", size=1)
    stage.act("place", account=ACCOUNT, contract="MYM", side="sell", size=1, type="stop", stop=str(price - 700))
    await stage.until(lambda truth: held(truth).get("MYM") == 1, "one MYM is held")
    stage.act("price", contract="MYM", ticks=-520)
    await stage.until(lambda truth: "MYM" not in held(truth) and len(working(truth)) == 1, "closed with its stop")

    stage.act("place", account=ACCOUNT, contract="MES", side="buy", size=2)
    await stage.until(lambda truth: held(truth).get("MES") == 2, "two MES are held")
    price = float(stage.act("price", contract="MES", ticks=0)["last"])
    stage.act("place", account=ACCOUNT, contract="MES", side="buy", size=1, type="limit", limit=str(price - 50))
    stage.act("price", contract="MES", ticks=-80)
    stage.act("close", account=ACCOUNT, contract="MES", size=1)  # 100 dollars lost: below the limit
    await stage.until(lambda truth: held(truth).get("MES") == 1, "one MES is left")
    stage.act("close", account=ACCOUNT, contract="MES")
    await stage.until(lambda truth: not truth["positions"] and not working(truth), "everything is closed")
    await stage.until_told(lambda told: bool(told["locks"]), "the lock")

    stage.act("switches", fill_latency=0)  # or the daemon may cancel it before it fills, and the stories differ
    stage.act("place", account=ACCOUNT, contract="MNQ", side="buy", size=1)
    stage.act("switches", fill_latency=fill_latency)
    await stage.until(lambda truth: _has_bought(truth, "MNQ", 5) and not truth["positions"], "closed under the lock")


def _has_bought(truth: Truth, code: str, size: int) -> bool:
    bought = sum(one["size"] for one in truth["trades"] if code_of(one["contractId"]) == code and one["side"] == 0)
    return bool(bought == size)


async def _ending(stage: Stage) -> Ending:
    truth = stage.truth
    fills = [
        (code_of(one["contractId"]), "buy" if one["side"] == 0 else "sell", one["fillVolume"])
        for one in sorted(truth["orders"], key=lambda one: one["id"])
        if one["fillVolume"]
    ]
    costs = len(truth["trades"])
    told = await stage.until_told(
        lambda told: not told["positions"] and not told["orders"] and _trades_counted(told), f"all {costs} fills"
    )
    return Ending(
        fills=tuple(fills),
        held=tuple(held(truth).items()),
        working=len(working(truth)),
        balance=str(truth["balance"]),
        told=_lasting(told),
        faults=(*_flips(truth), *stage.faults),
    )


def _trades_counted(told: Any) -> bool:
    """The trader's own seven orders, and not one of the daemon's."""
    return any(rule["name"] == "trade_frequency_limit" and rule["measured"] == "7" for rule in told["rules"])


def _lasting(told: Any) -> Any:
    """What does not move with the clock."""
    locks = [
        {key: lock[key] for key in ("rule", "root", "mode", "until")} | {"reason": lock["reason"].split()[0]}
        for lock in told["locks"]
    ]
    rules = {rule["name"]: (rule["measured"], rule["limit"]) for rule in told["rules"]}
    return {"locks": locks, "rules": rules, "realized": told["realized_pnl"], "balance": told["balance"]}


def _flips(truth: Truth) -> list[str]:
    """The trader only buys, and closes what he has: nothing may ever be short."""
    net: dict[str, int] = {}
    found = []
    for trade in truth["trades"]:
        code = code_of(trade["contractId"])
        net[code] = net.get(code, 0) + trade["size"] * (1 - 2 * trade["side"])
        if net[code] < 0:
            found.append(f"{code} is {net[code]} after trade {trade['id']}")
    return found
