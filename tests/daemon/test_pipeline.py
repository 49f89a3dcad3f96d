from collections.abc import Callable
from decimal import Decimal
from typing import Any

from risk_manager.core.decisions import Plan
from risk_manager.core.engine import Engine
from risk_manager.core.events import AccountUpdated, ClockTicked, Event, Feed, FeedRestored, QuoteUpdated, Reconciled
from risk_manager.core.policy import Policy
from risk_manager.daemon.enforcement.own_orders import OwnOrders
from risk_manager.daemon.pipeline import Pipeline
from risk_manager.daemon.watched import Watched
from tests.daemon.fake_venue import ACCOUNT, ES
from tests.daemon.virtual_time import START, LoopClock, in_virtual_time

OTHER = 8


class Notebook:
    """Keeper and audience in one: it writes down what it is told, in order."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.on_event: Callable[[Event], None] = lambda _: None

    def intend(self, event: Event, plans: tuple[Plan, ...]) -> None:
        self.lines.append(f"intend {type(event).__name__} {len(plans)}")

    def carried_out(self) -> None:
        self.lines.append("carried out")

    def learned(self, event: Event) -> None:
        self.lines.append(f"learned {type(event).__name__}")

    def happened(self, event: Event, plans: tuple[Plan, ...]) -> None:
        self.lines.append(f"happened {type(event).__name__} {len(plans)}")
        self.on_event(event)

    def alarm(self, code: str, text: str, account_id: int | None = None) -> None:
        self.lines.append(f"alarm {code} {account_id} {text}")


class PlayedEngine(Engine):
    """An engine that answers with what it was given."""

    def __init__(self, account_id: int, book: Notebook, *, breaks: bool = False) -> None:
        super().__init__({account_id: Policy()}, at=START)
        self.book = book
        self.breaks = breaks
        self.plans: tuple[Plan, ...] = ()

    def handle(self, event: Event) -> tuple[Plan, ...]:
        self.book.lines.append(f"handle {type(event).__name__}")
        if self.breaks:
            raise ValueError("a rule broke")
        return self.plans


class PlayedEnforcer:
    """Stands where the enforcer stands."""

    def __init__(self, account_id: int, book: Notebook) -> None:
        self.account_id = account_id
        self.book = book

    def begin(self, plan: Plan, **_: Any) -> None:
        self.book.lines.append(f"begin {plan.account_id}")

    def heard(self) -> None:
        self.book.lines.append("heard")


def stand(book: Notebook, *, held: bool = False) -> Pipeline:
    pipeline = Pipeline(clock=LoopClock(), keeper=book, audience=book)
    for account_id in (ACCOUNT, OTHER):
        enforcer: Any = PlayedEnforcer(account_id, book)
        watched = Watched(PlayedEngine(account_id, book), enforcer, OwnOrders())
        watched.held = watched.held if held else None
        pipeline.accounts[account_id] = watched
    return pipeline


def engine_of(pipeline: Pipeline, account_id: int = ACCOUNT) -> PlayedEngine:
    engine = pipeline.accounts[account_id].engine
    assert isinstance(engine, PlayedEngine)
    return engine


def plan() -> Plan:
    return Plan(at=START, account_id=ACCOUNT, decisions=(), actions=())


def touched(account_id: int = ACCOUNT) -> AccountUpdated:
    return AccountUpdated(at=START, account_id=account_id, balance=Decimal(1))


def play(scene: Callable[[Notebook], None]) -> None:
    async def run() -> None:
        scene(Notebook())

    in_virtual_time(run())


def test_the_intent_is_stored_before_the_requests_leave_and_people_are_told_last() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book)
        engine_of(pipeline).plans = (plan(),)
        pipeline.post(touched())
        assert book.lines == [
            "handle AccountUpdated",
            "intend AccountUpdated 1",
            f"begin {ACCOUNT}",
            "carried out",
            "learned AccountUpdated",
            "happened AccountUpdated 1",
        ]

    play(scene)


def test_an_event_posted_while_another_is_handled_waits_its_turn() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book)
        posted: list[int] = []

        def post_once(event: Event) -> None:
            if not posted:
                posted.append(1)
                pipeline.post(ClockTicked(at=event.at))
                book.lines.append("posted")

        book.on_event = post_once
        pipeline.post(touched())
        assert book.lines.index("posted") < book.lines.index("handle ClockTicked")

    play(scene)


def test_an_engine_that_breaks_is_told_and_the_other_account_is_judged_all_the_same() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book)
        engine_of(pipeline).breaks = True
        pipeline.post(ClockTicked(at=START))
        assert book.lines.count("handle ClockTicked") == 2
        assert any(line.startswith(f"alarm ENGINE_BROKE {ACCOUNT}") for line in book.lines)
        assert pipeline.failed == 1

    play(scene)


def test_a_store_that_breaks_does_not_keep_the_requests_back() -> None:
    class Broken(Notebook):
        def intend(self, event: Event, plans: tuple[Plan, ...]) -> None:
            super().intend(event, plans)
            raise OSError("disk full")

    async def run() -> None:
        book = Broken()
        pipeline = stand(book)
        engine_of(pipeline).plans = (plan(),)
        pipeline.post(touched())
        assert f"begin {ACCOUNT}" in book.lines
        assert any("disk full" in line for line in book.lines)

    in_virtual_time(run())


def test_a_shadow_plan_is_stored_and_shown_and_nothing_of_it_is_done() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book)
        engine_of(pipeline).plans = (Plan(at=START, account_id=ACCOUNT, decisions=(), actions=(), shadow=True),)
        pipeline.post(touched())
        assert "intend AccountUpdated 1" in book.lines
        assert f"begin {ACCOUNT}" not in book.lines

    play(scene)


def test_an_account_without_its_first_picture_judges_nothing_not_even_time() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book, held=True)
        pipeline.post(touched())
        pipeline.post(ClockTicked(at=START))
        pipeline.post(QuoteUpdated(at=START, contract_id=ES, last=Decimal(1)))
        assert not any(line.startswith("handle") for line in book.lines)
        pipeline.go_live(Reconciled(at=START, account_id=ACCOUNT, positions=(), orders=()))
        assert [line for line in book.lines if line.startswith("handle")] == [
            "handle Reconciled",
            "handle AccountUpdated",
        ]
        assert pipeline.is_live(ACCOUNT)
        assert not pipeline.is_live(OTHER)

    play(scene)


def test_what_concerns_everybody_is_not_multiplied_by_the_accounts_that_wait() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book, held=True)
        pipeline.post(FeedRestored(at=START, feed=Feed.MARKET))
        for account_id in (ACCOUNT, OTHER):
            pipeline.go_live(Reconciled(at=START, account_id=account_id, positions=(), orders=()))
        assert book.lines.count("handle FeedRestored") == 2

    play(scene)


def test_what_an_earlier_life_stored_is_told_of_the_restart_before_the_picture() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book, held=True)
        pipeline.accounts[ACCOUNT].is_restored = True
        pipeline.go_live(Reconciled(at=START, account_id=ACCOUNT, positions=(), orders=()))
        assert [line for line in book.lines if line.startswith("handle")] == ["handle Restarted", "handle Reconciled"]

    play(scene)


def test_an_account_that_nobody_watches_is_ignored() -> None:
    def scene(book: Notebook) -> None:
        pipeline = stand(book)
        pipeline.post(touched(99))
        assert not any(line.startswith("handle") for line in book.lines)

    play(scene)
