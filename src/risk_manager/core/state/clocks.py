"""Since when a condition that a rule wants timed has been true."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class ConditionClocks:
    """Start instants by rule and subject."""

    since: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def follow(self, rule: str, subjects: Iterable[str], now: datetime) -> None:
        """Start the clocks of what has become true, and stop those of what is true no more."""
        running = self.since.get(rule, {})
        followed = {subject: running.get(subject, now) for subject in subjects}
        if followed:
            self.since[rule] = followed
        else:
            self.since.pop(rule, None)

    def stop_other_than(self, rules: Iterable[str]) -> None:
        """Stop the clocks of rules that run no more."""
        kept = set(rules)
        for rule in [rule for rule in self.since if rule not in kept]:
            del self.since[rule]

    def of_rule(self, rule: str) -> dict[str, datetime]:
        """Tell since when each condition of a rule has been true."""
        return self.since.get(rule, {})
