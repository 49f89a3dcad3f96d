"""One watched account: its engine, its enforcer, and what it kept while its first picture was awaited."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import AccountUpdated, Event, LockRequested, OrderUpdated, PositionUpdated, TradeReported
from risk_manager.core.state.account import AccountState
from risk_manager.daemon.enforcement.enforcer import Enforcer
from risk_manager.daemon.enforcement.goals import Reading
from risk_manager.daemon.enforcement.own_orders import OwnOrders
from risk_manager.daemon.enforcement.unfinished import Unfinished


@dataclass(slots=True)
class Watched:
    """What the pipeline has of an account."""

    engine: Engine
    enforcer: Enforcer
    own_orders: OwnOrders
    held: deque[Event] | None = field(default_factory=deque)
    """Events that wait for the first picture; None once the account is live."""
    is_restored: bool = False
    """The engine began with what an earlier life had stored."""
    unfinished: tuple[Unfinished, ...] = ()
    """Exits of an earlier life, around which it may have left orders."""
    taken_off: frozenset[str] = frozenset()
    """Rules that the configuration lost before the first picture, and whose locks end with them."""
    make_engine: Callable[[datetime], Engine] | None = None
    """Makes the engine anew, beginning at an instant."""

    def begin(self, at: datetime) -> None:
        """Let an engine that has judged nothing begin at an instant; a lock that was asked for meanwhile holds."""
        if self.make_engine is None:
            return
        self.engine = self.make_engine(at)
        for event in self.held or ():
            if isinstance(event, LockRequested):
                self.state.lockouts.put_by_hand(event.until, now=event.at)

    def hold_back(self, event: Event) -> None:
        """Keep an event for after the first picture; a lock is set now, so that it is shown and outlives a death."""
        if self.held is not None:
            self.held.append(event)
        if isinstance(event, LockRequested):
            self.state.lockouts.put_by_hand(event.until, now=event.at)

    @property
    def state(self) -> AccountState:
        """What is known of the account."""
        return self.engine.state.accounts[self.enforcer.account_id]

    def enforce(self, plan: Plan, *, now: float, received_at: float) -> None:
        """Let the enforcer begin with a plan; both instants are the machine's seconds."""
        state = self.state
        self.enforcer.begin(plan, seen=_seen(state, now), root_of=state.root, received_at=received_at)

    def tell_enforcer(self, event: Event, *, now: float) -> None:
        """Tell the enforcer what may concern what it is about."""
        match event:
            case TradeReported(ours=True, trade=trade) if self.own_orders.is_new_fill(trade):
                self.enforcer.filled(trade)
            case PositionUpdated() if self.enforcer.is_under_way:
                self.enforcer.position_told(_seen(self.state, now))
            case OrderUpdated():
                self.enforcer.heard()
            case AccountUpdated(can_trade=bool(can_trade)):
                self.enforcer.account_told(can_trade=can_trade)
            case _:
                return


def _seen(state: AccountState, now: float) -> Reading:
    positions, orders = state.positions, state.memory.orders
    half_seen = state.memory.positions.half_seen()
    return Reading(
        sent_at=now,
        positions=positions,
        orders=orders.working.copy(),
        closing=orders.exiting.copy(),
        doubtful=half_seen & positions.keys() if half_seen else frozenset(),
    )
