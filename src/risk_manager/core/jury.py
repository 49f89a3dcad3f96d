"""The rules of one policy, sorted by what they are to be asked: only a rule that has an answer of its own is asked."""

from collections.abc import Sequence

from risk_manager.core.events import Event, QuoteUpdated
from risk_manager.core.rule import Rule


class Jury:
    """Made anew with each policy: what a rule answers is a matter of its class and settings, never of the state."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self.with_deadline = tuple(rule for rule in rules if type(rule).deadline is not Rule.deadline)
        self.timing = frozenset(rule.name for rule in rules if type(rule).conditions is not Rule.conditions)
        """Names of the rules that want conditions timed."""
        self._by_event: dict[type[Event], tuple[Rule, ...]] = {}
        self.on_prices = self.on(QuoteUpdated)
        self.on_book = tuple(rule for rule in self.on_prices if rule.reads_book)
        """Those of them that look at bid and ask, and so at quotes that move no position's mark."""

    def on(self, event: type[Event]) -> tuple[Rule, ...]:
        """List the rules that such an event triggers."""
        rules = self._by_event.get(event)
        if rules is None:
            rules = self._by_event[event] = tuple(rule for rule in self.rules if rule.triggered_by(event))
        return rules
