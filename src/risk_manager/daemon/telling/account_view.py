"""An account's state in the words of the local API."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from risk_manager.config.wording import settings_words
from risk_manager.core.model.order import Order
from risk_manager.core.model.position import Position
from risk_manager.core.model.trade import Trade
from risk_manager.core.rule import Rule, RuleMode, Utilization
from risk_manager.core.rules.no_stop_loss_grace import NoStopLossGrace
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.lockouts import Lockout
from risk_manager.daemon.telling.lock_changes import Cause
from risk_manager.local_api.messages import (
    AccountFigures,
    AccountStatus,
    HeldPosition,
    LockEnded,
    LockStatus,
    RuleStatus,
    Side,
    TradeSeen,
    WorkingOrder,
)
from risk_manager.local_api.trading_day import RuleWords

Measure = Callable[[Rule, AccountState], Sequence[Utilization]]
"""Asks a rule how near its limits are."""


def measure_plainly(rule: Rule, state: AccountState) -> Sequence[Utilization]:
    """Ask a rule how near its limits are, and let it break."""
    return rule.utilization(state)


def account_status(state: AccountState, nickname: str, measure: Measure = measure_plainly) -> AccountStatus:
    """Word everything that holds for an account."""
    figures = figures_of(state)
    return AccountStatus(
        id=state.account_id,
        nickname=nickname,
        can_trade=figures.can_trade,
        balance=figures.balance,
        realized_pnl=figures.realized_pnl,
        unrealized_pnl=figures.unrealized_pnl,
        locks=tuple(lock_status(lock) for lock in state.lockouts.by_key.values()),
        rules=rule_statuses(state, measure),
        positions=tuple(held_position(state, position) for position in state.positions.values()),
        orders=tuple(working_order(state, order) for order in state.working_orders.values()),
        mode=_mode(shadow=state.policy.shadow),
        simulated=state.account.simulated,
        unmarked=tuple(state.unmarked()),
        next_reset=state.day.ends_at,
        timezone=state.policy.calendar.zone.key,
        rulebook=tuple(_rule_words(state)),
        warn_at=tuple(float(threshold) for threshold in state.policy.warn_at),
    )


def _rule_words(state: AccountState) -> Iterator[RuleWords]:
    for rule in state.policy.rules:
        mode = _mode(shadow=state.policy.shadow or rule.mode is RuleMode.SHADOW)
        yield RuleWords(name=rule.name, mode=mode, settings=settings_words(rule))


def graces_of(state: AccountState) -> dict[str, datetime]:
    """Tell when each position is closed that has no stop, by contract id."""
    rules = [rule for rule in state.policy.rules if isinstance(rule, NoStopLossGrace)]
    ends = {one: rule.closes_at(state, one) for rule in rules for one in state.holdings}
    return {contract_id: end for contract_id, end in ends.items() if end is not None}


def figures_of(state: AccountState) -> AccountFigures:
    """Word the account's sums; open P&L is not known while nothing of what is held has a mark."""
    unmarked = len(state.unmarked())
    is_unknown = unmarked > 0 and unmarked == len(state.holdings)
    return AccountFigures(
        can_trade=state.account.can_trade,
        balance=state.account.balance,
        realized_pnl=state.today.net,
        unrealized_pnl=None if is_unknown else state.open_total(),
    )


def rule_statuses(state: AccountState, measure: Measure = measure_plainly) -> tuple[RuleStatus, ...]:
    """Word every rule with how near its limits are."""
    return tuple(_rule_statuses(state, measure))


def _rule_statuses(state: AccountState, measure: Measure) -> Iterator[RuleStatus]:
    for rule in state.policy.rules:
        mode = _mode(shadow=state.policy.shadow or rule.mode is RuleMode.SHADOW)
        uses = measure(rule, state)
        if not uses:
            yield RuleStatus(name=rule.name, mode=mode)
        for use in uses:
            yield RuleStatus(
                name=rule.name,
                mode=mode,
                measured=use.measured,
                limit=use.limit,
                utilization=round(float(use.ratio), 4),
                subject=use.subject,
            )


def lock_status(lock: Lockout) -> LockStatus:
    """Word a lock."""
    return LockStatus(
        rule=lock.rule,
        root=lock.root,
        mode=lock.mode.value,
        since=lock.since,
        until=lock.until,
        reason=lock.reason or lock.code,
    )


def lock_ended(lock: Lockout, cause: Cause, *, at: datetime) -> LockEnded:
    """Word the end of a lock."""
    return LockEnded(
        rule=lock.rule,
        root=lock.root,
        at=at,
        cause=cause.value,
        mode=lock.mode.value,
        reason=lock.reason or lock.code,
    )


def held_position(state: AccountState, position: Position) -> HeldPosition:
    """Word a position, flat or held."""
    quote = state.quotes.get(position.contract_id)
    return HeldPosition(
        contract_id=position.contract_id,
        root=state.root(position.contract_id),
        side=_side(position.net_size),
        size=position.size,
        average_price=position.average_price,
        mark=mark_of(state, position),
        unrealized_pnl=state.open_pnl(position.contract_id) if position.net_size else None,
        quote_at=quote.at if quote else None,
        opened_at=position.opened_at,
        grace_until=graces_of(state).get(position.contract_id),
    )


def mark_of(state: AccountState, position: Position) -> Decimal | None:
    """Tell the price at which a position is valued; None while it waits for one that is younger than its last fill."""
    prices = state.marks.prices(position.contract_id)
    return prices.mark(position.net_size, state.policy.mark) if prices else None


def working_order(state: AccountState, order: Order) -> WorkingOrder:
    """Word an order in whatever state it is."""
    return WorkingOrder(
        id=order.order_id,
        contract_id=order.contract_id,
        root=state.root(order.contract_id),
        side=order.side.value,
        type=order.type.value,
        size=order.size,
        status=order.status.value,
        filled=order.filled_size,
        limit_price=order.limit_price,
        stop_price=order.stop_price,
        ours=order.order_id in state.memory.orders.own,
    )


def trade_seen(state: AccountState, trade: Trade) -> TradeSeen:
    """Word a fill."""
    return TradeSeen(
        id=trade.trade_id,
        order_id=trade.order_id,
        contract_id=trade.contract_id,
        root=state.root(trade.contract_id),
        side=trade.side.value,
        size=trade.size,
        price=trade.price,
        at=trade.at,
        realized_pnl=trade.realized_pnl,
        fees=trade.fees,
        commissions=trade.commissions,
        voided=trade.voided,
        ours=trade.trade_id in state.memory.trades.own,
    )


def _side(net_size: int) -> Side:
    if net_size == 0:
        return "flat"
    return "long" if net_size > 0 else "short"


def _mode(*, shadow: bool) -> str:
    return "shadow" if shadow else "enforce"
