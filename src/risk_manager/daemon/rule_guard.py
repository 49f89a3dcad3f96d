"""The guard between an engine and its rules: one that breaks is alarmed, and the others go on."""

from collections.abc import Callable, Sequence
from datetime import datetime

from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event
from risk_manager.core.rule import Rule, Utilization
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.event_log import EventLog

log = EventLog("daemon")


class RuleGuard:
    """Asks rules for every engine; `alarm` is told the code, the words and the account of a rule that broke.

    It is told once for each rule and account, until `forget`: a rule that breaks may do so with every quote.
    """

    def __init__(self, alarm: Callable[[str, str, int], None]) -> None:
        self._alarm = alarm
        self.broken: dict[tuple[int, str], str] = {}
        """Why a rule of an account broke."""

    def verdict(self, rule: Rule, state: AccountState, event: Event) -> Sequence[Decision] | None:
        """Ask what a rule decides; None when it broke."""
        try:
            return rule.evaluate(state, event)
        except Exception as error:  # noqa: BLE001  a rule that breaks must not stop the others
            self._broke(rule, state, error)
            return None

    def conditions(self, rule: Rule, state: AccountState) -> Sequence[str] | None:
        """Ask what a rule wants timed; None when it broke."""
        try:
            return rule.conditions(state)
        except Exception as error:  # noqa: BLE001  a rule that breaks must not stop the others
            self._broke(rule, state, error)
            return None

    def deadline(self, rule: Rule, state: AccountState, now: datetime) -> datetime | None:
        """Ask when time alone can change a rule's verdict; None when it broke."""
        try:
            return rule.deadline(state, now)
        except Exception as error:  # noqa: BLE001  a rule that breaks must not stop the others
            self._broke(rule, state, error)
            return None

    def utilization(self, rule: Rule, state: AccountState) -> Sequence[Utilization]:
        """Ask how near a rule's limits are; nothing when it broke."""
        try:
            return rule.utilization(state)
        except Exception as error:  # noqa: BLE001  a rule that breaks must not stop the others
            self._broke(rule, state, error)
            return ()

    def forget(self) -> None:
        """Begin anew with changed rules."""
        self.broken.clear()

    def _broke(self, rule: Rule, state: AccountState, error: Exception) -> None:
        key = (state.account_id, rule.name)
        if key in self.broken:
            return
        self.broken[key] = repr(error)
        log.exception("rule_broke", rule=rule.name, account_id=state.account_id)  # noqa: LOG004  called inside one
        text = f"the rule {rule.name} broke ({error!r}) and does not protect; the other rules do"
        self._alarm("RULE_BROKE", text, state.account_id)
