"""What of an account is worth storing, and what the event in hand has taught."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from risk_manager.core.events import AccountUpdated, AccountVanished
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

    def learn_account(self, event: AccountUpdated | AccountVanished) -> None:
        """Take in what the venue says of the account; what it does not say is unchanged."""
        if isinstance(event, AccountVanished):
            self.vanished = True
            return
        known = self.account
        # an account that is listed again may trade when the venue says so, not because it once said so
        self.vanished = self.vanished and event.can_trade is None
        self.account = replace(
            known,
            can_trade=known.can_trade if event.can_trade is None else event.can_trade,
            balance=known.balance if event.balance is None else event.balance,
            name=event.name or known.name,
            simulated=known.simulated if event.simulated is None else event.simulated,
        )


@dataclass(slots=True)
class News:
    """What the event in hand taught."""

    increase: Increase | None = None
    trades: tuple[Trade, ...] = ()
    replaced: tuple[Trade, ...] = ()
    """Those of them that were known otherwise, as they were."""
    earlier_rules: tuple[Rule, ...] = ()
    """At a changed policy, the rules before."""
    pictured_at: datetime | None = None
    """At a full picture, when it was asked for."""
    is_first_picture: bool = False
    """It is the first full picture of this life: what it shows may have been there before."""
