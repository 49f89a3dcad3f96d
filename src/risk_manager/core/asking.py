"""How a rule is asked: plainly here; who runs the engine may supply a way that bears a rule that breaks."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from risk_manager.core.decisions import Decision
from risk_manager.core.events import Event
from risk_manager.core.rule import Rule
from risk_manager.core.state.account import AccountState


class Asking(Protocol):
    """The questions to a rule; None to the first means that it gave no answer, which is not "no breach"."""

    def verdict(self, rule: Rule, state: AccountState, event: Event) -> Sequence[Decision] | None:
        """Ask what it decides."""

    def conditions(self, rule: Rule, state: AccountState) -> Sequence[str] | None:
        """Ask what it wants timed."""

    def deadline(self, rule: Rule, state: AccountState, now: datetime) -> datetime | None:
        """Ask when time alone can change its verdict."""


class AskPlainly:
    """Asks, and lets whatever breaks break."""

    def verdict(self, rule: Rule, state: AccountState, event: Event) -> Sequence[Decision] | None:
        """Ask what it decides."""
        return rule.evaluate(state, event)

    def conditions(self, rule: Rule, state: AccountState) -> Sequence[str] | None:
        """Ask what it wants timed."""
        return rule.conditions(state)

    def deadline(self, rule: Rule, state: AccountState, now: datetime) -> datetime | None:
        """Ask when time alone can change its verdict."""
        return rule.deadline(state, now)
