"""What an admin may ask of the running daemon through the local API; every command is journaled."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from risk_manager.config.configuration import Configuration, load_what_is_there
from risk_manager.config.files import Home
from risk_manager.config.problems import ConfigurationRefusedError
from risk_manager.core.events import LockCleared, LockRequested
from risk_manager.core.model.duration import LONGEST, format_duration
from risk_manager.core.rule import RuleMode, root_from_yaml
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.commitment.commitments import Commitments
from risk_manager.daemon.event_log import EventLog
from risk_manager.daemon.keeper import StoreKeeper
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.telling.health import Health
from risk_manager.daemon.telling.vitals import Vitals
from risk_manager.daemon.voluntary_lock import ACTS_LATER, TOO_MANY, VoluntaryLock
from risk_manager.local_api.commands import WITHOUT_TOKEN, Result

log = EventLog("api")


class Commands:
    """Carries commands out, by name; raises nothing for what people can get wrong."""

    def __init__(
        self,
        *,
        home: Home,
        in_force: Callable[[], Configuration],
        take_on: Callable[[Configuration], tuple[str, ...]],
        set_mode: Callable[[RuleMode], None],
        commitments: Commitments,
        pipeline: Pipeline,
        keeper: StoreKeeper,
        health: Health,
        vitals: Vitals,
        clock: Clock,
    ) -> None:
        self._home = home
        self._in_force = in_force
        self._take_on = take_on
        self._bring_mode = set_mode
        self._commitments = commitments
        self._pipeline = pipeline
        self._keeper = keeper
        self._health = health
        self._vitals = vitals
        self._clock = clock
        self._voluntary_lock = VoluntaryLock(pipeline=pipeline, clock=clock)

    async def __call__(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """Carry one command out."""
        commands: Mapping[str, Callable[[Mapping[str, Any]], Result]] = {
            "reload": self._reload,
            "clear_lockout": self._clear_lockout,
            "lock_now": self._lock_now,
            "set_mode": self._set_mode,
            "health": self._tell_health,
            "note": self._note,
            "voluntary_lock": self._voluntary_lock,
            "cancel_change": self._cancel_change,
        }
        command = commands.get(name)
        if command is None:
            return Result(ok=False, message=f"no such command: {name}")
        if name in WITHOUT_TOKEN and self._voluntary_lock.is_too_soon():
            return TOO_MANY  # and not a word of it in the journal, which anybody could fill otherwise
        result = command(arguments)
        shown = {key: value for key, value in arguments.items() if key not in ("token", "password")}
        self._keeper.note("command", {"command": name, "arguments": shown, "ok": result.ok, "message": result.message})
        log.info("command", command=name, arguments=shown, ok=result.ok, answer=result.message)
        return result

    def _reload(self, _: Mapping[str, Any]) -> Result:
        """Take the files on; with a problem in them, everything stays as it is."""
        try:
            waits = self._take_on(load_what_is_there(self._home))
        except ConfigurationRefusedError as refused:
            problems = "\n".join(map(str, refused.problems))
            return Result(ok=False, message=f"nothing was changed; to mend:\n{problems}")
        told = ["reloaded", *([f"restart the daemon for: {', '.join(waits)}"] if waits else [])]
        told += [f"trying {one.login} at the venue" for one in self._commitments.candidates() if one.is_new_key]
        return Result(ok=True, message="; ".join([*told, *self._commitments.lines()]))

    def _clear_lockout(self, arguments: Mapping[str, Any]) -> Result:
        account_id, rule = arguments.get("account_id"), arguments.get("rule")
        state = self._pipeline.state(account_id) if isinstance(account_id, int) else None
        if state is None or account_id is None:
            return Result(ok=False, message=f"no watched account {account_id}")
        if not self._in_force().account_settings[account_id].lockouts.admin_may_clear:
            return Result(ok=False, message="lockouts.admin_may_clear is false: locks end by themselves only")
        root = root_from_yaml(arguments.get("root"))
        if not isinstance(root, str | None):
            return Result(ok=False, message="root must be a product such as ES")
        locks = state.lockouts.by_key.values()
        rules = {lock.rule for lock in locks if rule in (None, lock.rule) and root in (None, lock.root)}
        if not rules:
            return Result(ok=False, message="no such lock")
        for name in sorted(rules):
            self._pipeline.post(LockCleared(at=self._clock.now(), account_id=account_id, rule=name, root=root))
        later = "" if self._pipeline.is_live(account_id) else "; it ends as soon as the account has been read"
        return Result(ok=True, message=f"cleared: {', '.join(sorted(rules))}{later}")

    def _lock_now(self, arguments: Mapping[str, Any]) -> Result:
        account_id = arguments.get("account_id")
        chosen = list(self._pipeline.accounts) if account_id is None else [account_id]
        unknown = [one for one in chosen if one not in self._pipeline.accounts]
        if unknown:
            return Result(ok=False, message=f"no watched account {unknown[0]}")
        try:
            until = _instant(arguments.get("until"), self._clock.now())
        except ValueError as error:
            return Result(ok=False, message=str(error))
        for one in chosen:
            self._pipeline.post(LockRequested(at=self._clock.now(), account_id=one, until=until))
        later = "" if all(map(self._pipeline.is_live, chosen)) else f"; {ACTS_LATER}"
        return Result(ok=True, message=f"locked: {', '.join(map(str, chosen))}{later}")

    def _set_mode(self, arguments: Mapping[str, Any]) -> Result:
        """Act, or only say what would be done, until the files are read again: they are the one lasting truth."""
        mode = arguments.get("mode")
        if mode not in ("enforce", "shadow"):
            return Result(ok=False, message="mode must be enforce or shadow")
        if self._in_force().broken:
            return Result(ok=False, message="the configuration files are broken: mend them and reload; the mode stays")
        self._bring_mode(RuleMode(mode))
        waits = [line for line in self._commitments.lines() if ": mode " in line]
        message = f"mode is {mode} until the next reload or restart"
        return Result(ok=True, message="; ".join(waits or [message]))

    def _cancel_change(self, arguments: Mapping[str, Any]) -> Result:
        """Let waiting changes never come: of one account or all, one setting or all."""
        account_id, what = arguments.get("account_id"), arguments.get("what")
        if not isinstance(account_id, int | None) or not isinstance(what, str | None):
            return Result(ok=False, message="account_id must be a number, what a setting such as max_contracts.limit")
        cancelled = self._commitments.cancel(account_id, what)
        if not cancelled:
            return Result(ok=False, message="nothing waits there: nothing was cancelled")
        return Result(ok=True, message=f"cancelled: {'; '.join(cancelled)}")

    def _note(self, _: Mapping[str, Any]) -> Result:
        """Change nothing: what an admin has done besides is journaled with the command."""
        return Result(ok=True, message="noted")

    def _tell_health(self, _: Mapping[str, Any]) -> Result:
        status = self._health.daemon_status()
        return Result(
            ok=status.state == "live",
            message=status.detail or status.state,
            data={
                "state": status.state,
                "since": status.since.isoformat(),
                **self._vitals.told(),
                "parts": msgspec.to_builtins(self._health.parts()),
            },
        )


def _instant(text: object, now: datetime) -> datetime | None:
    """Read an instant with its zone; None has no end."""
    if text is None:
        return None
    instant = datetime.fromisoformat(str(text))
    if instant.tzinfo is None:
        raise ValueError("until needs a time zone, as in 2026-08-24T21:00:00+00:00")
    if instant - now > LONGEST:
        raise ValueError(f"until is more than {format_duration(LONGEST)} away: leave it out for a lock without an end")
    return instant
