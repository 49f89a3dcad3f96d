"""What of an account is worth storing, and what the event in hand has taught."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from risk_manager.core.model.account import Account
from risk_manager.core.model.trade import Trade
from risk_manager.core.rule import Rule
from risk_manager.core.state.clocks import ConditionClocks
from risk_manager.core.state.enforcements import Enforcements
from risk_manager.core.state.lockouts import Lockouts
from risk_manager.core.state.orders import Orders
from risk_manager.core.state.positions import Increase, Positions
from risk_manager.core.state.stop_requests import StopRequests
from risk_manager.core.state.trades import Trades


@dataclass(slots=True)
class Memory:
    """What of an account is worth storing: given back whole, it restores every rule."""

    account: Account
    now: datetime
    positions: Positions = field(default_factory=Positions)
    orders: Orders = field(default_factory=Orders)
    trades: Trades = field(default_factory=Trades)
    lockouts: Lockouts = field(default_factory=Lockouts)
    enforcements: Enforcements = field(default_factory=Enforcements)
    clocks: ConditionClocks = field(default_factory=ConditionClocks)
    stop_requests: StopRequests = field(default_factory=StopRequests)
    blind_since: datetime | None = None
    vanished: bool = False
    peak_open_total: Decimal | None = None
    """The highest open P&L of all positions together since the last increase."""


@dataclass(slots=True)
class News:
    """What the event in hand taught."""

    increase: Increase | None = None
    trades: tuple[Trade, ...] = ()
    earlier_rules: tuple[Rule, ...] = ()
    """At a changed policy, the rules before."""
    is_first_picture: bool = False
    """It is the first full picture of this life: what it shows may have been there before."""
