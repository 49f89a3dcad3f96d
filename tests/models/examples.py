"""Streams for one rule, or for all of them, each compared event for event."""

import os
from collections.abc import Callable, Sequence
from datetime import datetime

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from risk_manager.core.events import Restarted
from tests.models.comparing import Pair
from tests.models.policies import FIRST, SECOND, Configured, configured, some_of
from tests.models.settings import BODIES
from tests.models.streams import Step, Street, in_one_contract, starts, steps, told_together

STREAMS = int(os.environ.get("RISK_MANAGER_STREAMS", "60"))
"""Streams for each rule in a run of the tests."""

Steps = st.SearchStrategy[list[Step]]
_MORE: dict[str, tuple[str, ...]] = {
    "no_stop_loss_grace": ("order", "end order", "tick"),
    "auth_loss_guard": ("account",),
    "daily_unrealized_loss": ("quote",),
    "max_unrealized_profit": ("quote",),
    "cooldown_after_loss": ("picture",),
    "session_block_outside": ("tick",),
    "trade_management": ("quote", "order", "move stop", "obey"),
}


def agree(name: str, *, streams: int = STREAMS, number: int | None = None) -> None:
    """Compare a rule with its model on many streams."""
    happenings = steps(more=_MORE.get(name, ()))
    if name == "cooldown_after_loss":
        happenings = st.one_of(happenings, steps(more=_MORE[name], shortest=12).map(in_one_contract))
    if name == "trade_management":
        happenings = steps(more=_MORE[name], less=("clear", "lock"), shortest=12).map(in_one_contract)
    _compare(configured(name), happenings, streams=streams, number=number)


def agree_on_all(*, streams: int = STREAMS, number: int | None = None) -> None:
    """Compare all rules together, each present in most streams."""
    drawn = some_of(tuple(BODIES)).flatmap(lambda names: configured(*names))
    _compare(drawn, st.one_of(steps(), steps().map(in_one_contract)), streams=streams, number=number)


def _compare(drawn: st.SearchStrategy[Configured], happenings: Steps, *, streams: int, number: int | None) -> None:
    phases = [Phase.explicit, Phase.generate, Phase.shrink]
    chosen = settings(
        max_examples=streams,
        derandomize=number is None,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    others = st.one_of(st.none(), st.none(), steps(less=("reload", "restart"), longest=10))

    @given(drawn, drawn, starts(), happenings, others)
    def compare(
        first: Configured, second: Configured, start: datetime, what: Sequence[Step], other: Sequence[Step] | None
    ) -> None:
        assert (first.policies, second.policies) == (first.plainly, second.plainly), "overrides"
        accounts = (FIRST,) if other is None else (FIRST, SECOND)
        policies = tuple({one: each.policies[one] for one in accounts} for each in (first, second))
        streets = [
            Street(one, start, policies, (*[rule.name for rule in policies[0][one].rules], "admin")) for one in accounts
        ]
        happened = [streets[0].play(list(what))]
        restarts = [one.at for one in happened[0] if isinstance(one, Restarted)]
        happened += [street.play(list(other or ()), restarts=restarts) for street in streets[1:]]
        Pair(first, start, accounts).compare(told_together(*happened))

    run: Callable[[], None] = chosen(compare)
    if number is not None:
        run = seed(number)(run)
    run()
