"""Streams for one rule, or for all of them, each compared event for event."""

import os
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from risk_manager.core.model.trading_calendar import Holidays
from risk_manager.core.policy import Mark, Policy
from risk_manager.core.rule import Rule
from tests.models.comparing import ACCOUNT, Pair
from tests.models.settings import BODIES, rules
from tests.models.streams import Step, Street, starts, steps

STREAMS = int(os.environ.get("RISK_MANAGER_STREAMS", "60"))
"""Streams for each rule in a run of the tests."""

_HOLIDAYS = Holidays(frozenset({date(2026, 3, 12)}), {date(2026, 11, 27): time(13)})
_MORE: dict[str, tuple[str, ...]] = {
    "no_stop_loss_grace": ("order", "end order", "tick"),
    "auth_loss_guard": ("account",),
    "daily_unrealized_loss": ("quote",),
    "max_unrealized_profit": ("quote",),
    "session_block_outside": ("tick",),
}


def agree(name: str, *, streams: int = STREAMS, number: int | None = None) -> None:
    """Compare a rule with its model on many streams."""
    _compare(st.tuples(rules(name)), more=_MORE.get(name, ()), streams=streams, number=number)


def agree_on_all(*, streams: int = STREAMS, number: int | None = None) -> None:
    """Compare all rules together, each present in most streams."""
    optional = [st.one_of(rules(name), rules(name), st.none()) for name in BODIES]
    present = st.tuples(*optional).map(lambda drawn: tuple(one for one in drawn if one is not None))
    _compare(present, more=(), streams=streams, number=number)


def _compare(
    drawn: st.SearchStrategy[tuple[Rule, ...]], *, more: tuple[str, ...], streams: int, number: int | None
) -> None:
    phases = [Phase.explicit, Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=streams,
        derandomize=number is None,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    blindness = st.sampled_from([None, timedelta(seconds=30)])

    @given(drawn, drawn, st.sampled_from(Mark), blindness, starts(), steps(more=more))
    def compare(  # noqa: PLR0917 - given by hypothesis in this order
        first: tuple[Rule, ...],
        second: tuple[Rule, ...],
        mark: Mark,
        blind: timedelta | None,
        start: datetime,
        happenings: Sequence[Step],
    ) -> None:
        policies = tuple(
            Policy(rules=one, holidays=_HOLIDAYS, mark=mark, flatten_after=blind, warn_at=(Decimal("0.8"),))
            for one in (first, second)
        )
        names = tuple(rule.name for rule in first)
        street = Street(ACCOUNT, start, policies, (*names, "admin"))
        Pair(policies[0], start).compare(street.play(list(happenings)))

    run: Callable[[], None] = chosen(compare)
    if number is not None:
        run = seed(number)(run)
    run()
