"""The demo as a command: line by line, or behind the trader's screen."""

import asyncio
import contextlib
import statistics
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from risk_manager.daemon.clock import SystemClock
from risk_manager.dashboard.narrator import Narrator
from risk_manager.demo.acts import MAIN, NICKNAMES, Act, acts, rules_yaml
from risk_manager.demo.home import furnish
from risk_manager.demo.processes import NotStartedError, PlayedVenue, daemon, free_port, played_venue
from risk_manager.demo.trader import Outcome, Trader
from risk_manager.local_api.client import fetch_snapshot, follow
from risk_manager.local_api.errors import LocalApiError
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import EnforcementAction

Say = Callable[[str], object]

DONE, FAILED = 0, 1
_PATIENCE = 10.0  # seconds in which the venue must look as it should, a whole act long
_START = 60.0  # seconds for the daemon to come up on a busy machine
_LOOK_EVERY = 0.1
_CALM = 0.6  # seconds in which nothing must happen after what must not be stopped


def demo(*, seconds: float, seed: int, say: Say) -> int:
    """Tell the story line by line; 0 only if every breach was enforced and proven flat."""
    with tempfile.TemporaryDirectory(prefix="risk-manager-demo-") as folder:
        outcomes = asyncio.run(_Demo(Path(folder), seconds=seconds, seed=seed, say=say, port=free_port()).play())
    say(summary(outcomes))
    return verdict(outcomes)


def demo_on_screen(*, seconds: float, seed: int) -> int:
    """Play the story in the background while the trader's screen shows it; leaving the screen ends it."""
    from risk_manager.dashboard.app import open_screen  # noqa: PLC0415 - the headless demo needs no screen

    port, outcomes = free_port(), list[Outcome]()
    with tempfile.TemporaryDirectory(prefix="risk-manager-demo-") as folder:
        story = _Demo(Path(folder), seconds=seconds, seed=seed, say=lambda _: None, port=port, paced=True)
        player = threading.Thread(target=lambda: outcomes.extend(asyncio.run(story.play())))
        player.start()
        open_screen(now=SystemClock().now, port=port, account_id=MAIN)
        story.stop()
        player.join()
    print(summary(outcomes))  # noqa: T201 - the screen is closed: this is the command's last line
    return verdict(outcomes)


def summary(outcomes: list[Outcome]) -> str:
    """Sum the story up in its last line."""
    breaches = [one for one in outcomes if one.is_breach]
    times = sorted(one.latency_ms for one in breaches if one.latency_ms is not None)
    p50 = statistics.median(times) if times else 0.0
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))] if times else 0.0
    enforced, proven = sum(one.enforced for one in breaches), sum(one.proven for one in breaches)
    return (
        f"demo: {len(breaches)} breaches, {enforced} enforced, {proven} proven flat, "
        f"first request p50 {p50:.1f} ms p99 {p99:.1f} ms"
    )


def verdict(outcomes: list[Outcome]) -> int:
    """Tell whether all went as it must: breaches enforced and proven, everything else left alone."""
    good = all(
        (one.enforced and one.proven) if one.is_breach else not one.detail and not one.enforced for one in outcomes
    )
    return DONE if good and any(one.is_breach for one in outcomes) else FAILED


class _Demo:
    """One performance in a folder of its own; with `paced`, spread over its seconds for people to follow."""

    def __init__(self, folder: Path, *, seconds: float, seed: int, say: Say, port: int, paced: bool = False) -> None:
        self._folder = folder
        self._seconds = seconds
        self._seed = seed
        self._say = say
        self._port = port
        self._paced = paced
        self._proofs: asyncio.Queue[None] = asyncio.Queue()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Let no further act begin; from any thread."""
        self._stopped.set()

    async def play(self) -> list[Outcome]:
        """Start venue and daemon, play every act, and tell what became of each."""
        outcomes: list[Outcome] = []
        try:
            async with played_venue(seed=self._seed) as venue:
                await self._prepare(venue)
                async with daemon(self._folder, log=self._folder / "daemon.out"):
                    await self._until_live()
                    listening = asyncio.create_task(self._listen())
                    await self._perform(Trader(venue), outcomes)
                    listening.cancel()
        except (NotStartedError, LocalApiError, OSError) as error:
            self._say(f"the demo cannot go on: {error}\n{self._last_words()}")
        return outcomes

    async def _prepare(self, venue: PlayedVenue) -> None:
        await venue.do("switches", prices_move=False, log_quotes=True)
        for account_id, nickname in NICKNAMES.items():
            if account_id not in venue.accounts:
                await venue.do("accounts/add", id=account_id, name=f"PRAC-V2-{nickname}-{account_id}")
        rules = rules_yaml(SystemClock().now())
        furnish(self._folder, venue, rules=rules, nicknames=NICKNAMES, port=self._port)

    async def _until_live(self) -> None:
        for _ in range(int(_START / _LOOK_EVERY)):
            with contextlib.suppress(LocalApiError):
                if (await fetch_snapshot(self._port, patience=1)).daemon.state == "live":
                    return
            await asyncio.sleep(_LOOK_EVERY)
        raise NotStartedError(f"the daemon was not live within {_START:g} s")

    async def _listen(self) -> None:
        narrator = Narrator(now=SystemClock().now)
        async for told in follow(self._port):
            if isinstance(told, Message) and isinstance(told.data, EnforcementAction) and told.data.state == "proven":
                self._proofs.put_nowait(None)
            for line in narrator.tell(told):
                self._say(line)

    async def _perform(self, trader: Trader, outcomes: list[Outcome]) -> None:
        loop = asyncio.get_running_loop()
        began_at, scenes = loop.time(), acts()
        for number, act in enumerate(scenes):
            if self._stopped.is_set() or loop.time() - began_at > self._seconds:
                return
            if self._paced:
                begins_at = began_at + number * self._seconds / len(scenes)
                await asyncio.sleep(max(begins_at - loop.time(), 0))
            self._say(f"          --- {act.name}")
            outcome = await self._play_act(trader, act)
            outcomes.append(outcome)
            if outcome.detail:
                self._say(f"          !!! {outcome.detail}")

    async def _play_act(self, trader: Trader, act: Act) -> Outcome:
        since = await trader.last_number()
        while not self._proofs.empty():
            self._proofs.get_nowait()
        await act.do(trader)
        if act.is_breach:
            return await self._judge_breach(trader, act, since)
        was_touched = await trader.is_answered(act.account, since=since, within=_CALM)
        is_so = await trader.sees(act.account, act.then, within=_PATIENCE)
        detail = "" if is_so and not was_touched else f"{act.name}: was not left alone"
        return Outcome(act.name, is_breach=False, enforced=was_touched, detail=detail)

    async def _judge_breach(self, trader: Trader, act: Act, since: int) -> Outcome:
        outcome = Outcome(act.name, is_breach=True)
        outcome.enforced = await trader.is_answered(act.account, since=since, within=_PATIENCE)
        is_so = await trader.sees(act.account, act.then, within=_PATIENCE)
        is_told = await self._is_told_proven()
        outcome.proven = is_so and is_told
        outcome.latency_ms = await trader.latency_ms(act.account, since=since, trigger=act.trigger)
        if not (outcome.enforced and outcome.proven):
            outcome.detail = f"{act.name}: enforced {outcome.enforced}, venue as it should be {is_so}, told {is_told}"
        return outcome

    async def _is_told_proven(self) -> bool:
        try:
            await asyncio.wait_for(self._proofs.get(), _PATIENCE)
        except TimeoutError:
            return False
        return True

    def _last_words(self) -> str:
        log = self._folder / "daemon.out"
        return log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else ""
