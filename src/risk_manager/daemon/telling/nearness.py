"""Warnings on the way to a limit: once for each threshold, and again after a fall below it."""

from collections.abc import Iterable, Sequence

from risk_manager.core.state.account import AccountState
from risk_manager.local_api.messages import RuleStatus


class Nearness:
    """Which thresholds each limit has passed."""

    def __init__(self) -> None:
        self._levels: dict[tuple[int, str, str], int] = {}

    def passed(self, state: AccountState, rules: Sequence[RuleStatus]) -> Iterable[RuleStatus]:
        """Tell which limits have just passed a threshold and are not met yet."""
        thresholds = [float(threshold) for threshold in state.policy.warn_at]
        for status in rules:
            if status.utilization is None:
                continue
            key = (state.account_id, status.name, status.subject)
            level = sum(1 for threshold in thresholds if status.utilization >= threshold)
            if self._levels.get(key, 0) < level and status.utilization < 1:
                yield status
            self._levels[key] = level
