"""The engine: learn the event, ask the rules that it triggers, settle their differences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from risk_manager.core.asking import Asking, AskPlainly
from risk_manager.core.decisions import Plan
from risk_manager.core.events import (
    AccountUpdated,
    AccountVanished,
    ClockTicked,
    ContractLearned,
    EnforcementFinished,
    Event,
    Feed,
    FeedLost,
    FeedRestored,
    LockCleared,
    LockRequested,
    OrderUpdated,
    PolicyChanged,
    PositionUpdated,
    QuoteUpdated,
    Reconciled,
    Restarted,
    TradeReported,
)
from risk_manager.core.judgement import Court
from risk_manager.core.model.account import Account
from risk_manager.core.model.contract import Contract
from risk_manager.core.policy import Policy
from risk_manager.core.state.account import AccountState
from risk_manager.core.state.contracts import Contracts
from risk_manager.core.state.memory import Memory, News
from risk_manager.core.state.quotes import Quotes


@dataclass(slots=True)
class EngineState:
    """All that the engine knows: what concerns every account, and the accounts."""

    contracts: Contracts = field(default_factory=Contracts)
    quotes: Quotes = field(default_factory=Quotes)
    accounts: dict[int, AccountState] = field(default_factory=dict)


class Engine:
    """Events in, plans out. It knows the accounts that have a policy; what concerns others it ignores."""

    def __init__(
        self,
        policies: Mapping[int, Policy],
        *,
        at: datetime,
        accounts: Iterable[Account] = (),
        memories: Mapping[int, Memory] | None = None,
        contracts: Iterable[Contract] = (),
        asking: Asking | None = None,
    ) -> None:
        """Begin at an instant with what is known: `memories` are those of an earlier life."""
        self._asking = asking or AskPlainly()
        self.state = EngineState()
        for contract in contracts:
            self.state.contracts.learn(contract)
        self._courts: dict[int, Court] = {}
        self._set_aside: dict[int, Memory] = {}
        self._now = at
        self._deadline: datetime | None = None
        self._deadline_is_known = False
        known = {account.account_id: account for account in accounts}
        for account_id, policy in policies.items():
            account = known.get(account_id, Account(account_id=account_id))
            memory = (memories or {}).get(account_id) or Memory(account, at)
            self._admit(memory, policy)

    def _admit(self, memory: Memory, policy: Policy) -> None:
        state = AccountState(memory, policy, self.state.contracts, self.state.quotes)
        self.state.accounts[state.account_id] = state
        self._courts[state.account_id] = Court(state, self._asking)

    def _take_up(self, account_id: int, policy: Policy) -> None:
        """Watch an account from now on; one that was watched before keeps its locks and its losses."""
        known = self._set_aside.pop(account_id, None)
        self._admit(known or Memory(Account(account_id=account_id), self._now), policy)
        if known is not None:
            self._courts[account_id].restart(self.state.quotes, self._now)

    def next_deadline(self) -> datetime | None:
        """Name the next instant at which time alone can change a verdict; None when there is none."""
        if not self._deadline_is_known:
            deadlines = (court.next_deadline() for court in self._courts.values())
            self._deadline = min((one for one in deadlines if one is not None), default=None)
            self._deadline_is_known = True
        return self._deadline

    @property
    def has_new_deadline(self) -> bool:
        """Tell whether the next deadline may be another than the one last named."""
        return not self._deadline_is_known

    def handle(self, event: Event) -> tuple[Plan, ...]:
        """Take an event in, and say what is to be done; what fell due before it is dealt with first."""
        due: Sequence[Plan] = ()
        is_quiet = self._deadline_is_known and (self._deadline is None or self._deadline > event.at)
        if not is_quiet and not isinstance(event, Restarted):
            due = self._until(event.at)
        self._now = max(self._now, event.at)
        found = self._learn(event)
        # a quote that follows another moves no deadline by itself, but a lock that it led to does
        if isinstance(event, QuoteUpdated) and not (due or found or self.state.quotes.has_begun):
            return ()
        self._deadline_is_known = self.state.quotes.has_begun = False
        return (*due, *found)

    def _until(self, at: datetime) -> Sequence[Plan]:
        """Deal with what fell due by an instant."""
        plans: list[Plan] = []
        while (deadline := self.next_deadline()) is not None and deadline <= at:
            plans += self._fall_due(deadline)
        return plans

    def _fall_due(self, at: datetime) -> list[Plan]:
        self._now = max(self._now, at)
        plans: list[Plan] = []
        for court in self._courts.values():
            court.state.news = News()
            plans += court.fall_due(ClockTicked(at=at))
        self._deadline_is_known = False
        return plans

    def _tick(self, event: ClockTicked) -> list[Plan]:
        plans: list[Plan] = []
        for court in self._courts.values():
            court.state.news = News()
            plans += court.tick(event)
        return plans

    def _quote(self, event: QuoteUpdated) -> Sequence[Plan]:
        """Judge the accounts that hold the contract, and only when a price has changed."""
        if not self.state.quotes.apply(event):
            return ()
        plans: Sequence[Plan] = ()
        for court in self._courts.values():
            if event.contract_id in court.state.holdings:
                court.state.advance(self._now)
                found = court.quote(event)
                plans = (*plans, *found) if found else plans
        return plans

    def _learn(self, event: Event) -> Sequence[Plan]:  # noqa: PLR0911 - one case an event, each a line or two
        match event:
            case QuoteUpdated():
                return self._quote(event)
            case ClockTicked():
                return self._tick(event)
            case ContractLearned():
                self.state.contracts.learn(event.contract)
                return self._for_each(event)
            case PolicyChanged():
                return self._change_policies(event)
            case Restarted():
                self.state.quotes = Quotes()
                for court in self._courts.values():
                    court.restart(self.state.quotes, self._now, event.taken_off)
                return ()
            case FeedLost() | FeedRestored():
                if event.feed is Feed.MARKET:
                    return ()
                return self._for_each(event, event.account_id)
            case _:
                return self._for_each(event, event.account_id)

    def _for_each(self, event: Event, account_id: int | None = None) -> list[Plan]:
        """Let the accounts that an event concerns learn it and judge."""
        plans: list[Plan] = []
        for court in self._courts.values():
            if account_id in (None, court.state.account_id):
                court.state.news = News()
                court.state.advance(self._now)
                plans += self._tell(court, event)
        return plans

    def _tell(self, court: Court, event: Event) -> Sequence[Plan]:  # noqa: C901 - one case an event
        state = court.state
        match event:
            case PositionUpdated(position=position):
                state.learn_position(position, event.at)
            case OrderUpdated(order=order, ours=ours):
                state.learn_order(order, event.at, ours=ours)
            case TradeReported(trade=trade, ours=ours):
                state.learn_trade(trade, ours=ours, heard_at=event.at)
            case Reconciled():
                state.learn_picture(event)
            case AccountUpdated() | AccountVanished():
                state.memory.learn_account(event)
            case FeedLost():
                state.memory.blind_since = state.memory.blind_since or event.at
            case FeedRestored():
                state.memory.blind_since = None
            case ContractLearned():
                state.mark(event.contract.contract_id)
            case LockCleared():
                court.clear(event)
                return ()
            case LockRequested():
                return court.lock_by_hand(event)
            case EnforcementFinished():  # pragma: no branch - no other event comes here
                return court.hear_of_enforcement(event)
        return court.judge(event)

    def _change_policies(self, event: PolicyChanged) -> list[Plan]:
        """Take the new configuration on: accounts without a policy are watched no more, new ones are."""
        for account_id in [one for one in self._courts if one not in event.policies]:
            del self._courts[account_id]
            self._set_aside[account_id] = self.state.accounts.pop(account_id).memory
        plans: list[Plan] = []
        for account_id, policy in event.policies.items():
            court = self._courts.get(account_id)
            if court is None:
                self._take_up(account_id, policy)
                continue
            court.state.news = News()
            court.state.advance(self._now)
            plans += court.adopt(policy, event)
        return plans
