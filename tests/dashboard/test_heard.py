"""What a screen has heard."""

from datetime import timedelta
from decimal import Decimal

from risk_manager.dashboard.heard import Heard
from risk_manager.local_api.client import Away
from risk_manager.local_api.frames import Message
from risk_manager.local_api.messages import AccountStatus
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarkedPosition, MarketQuote
from tests.dashboard import canned, canned_day
from tests.dashboard.canned import ES, MNQ
from tests.dashboard.canned_day import NOW
from tests.dashboard.stage import MAIN, Clock


def _heard(clock: Clock | None = None) -> Heard:
    heard = Heard(clock or Clock())
    heard.take(canned.calm())
    return heard


def _account(heard: Heard) -> AccountStatus:
    assert heard.known.snapshot is not None
    return heard.known.snapshot.accounts[0]


def _price(mark: str, pnl: str, contract_id: str = ES) -> Message:
    marked = MarkedPosition(
        account_id=MAIN, mark=Decimal(mark), unrealized_pnl=Decimal(pnl), account_unrealized_pnl=Decimal(pnl)
    )
    return Message(None, MarketQuote(contract_id=contract_id, root="ES", at=NOW, positions=(marked,)))


def test_of_several_prices_the_latest_is_known() -> None:
    heard = _heard()
    for mark, pnl in (("5801", "50"), ("5803", "150"), ("5802", "100")):
        heard.take(_price(mark, pnl))

    (held,) = _account(heard).positions
    assert (held.mark, held.unrealized_pnl) == (Decimal(5802), Decimal(100))


def test_the_accounts_open_pnl_is_that_of_the_price_that_came_last() -> None:
    heard = _heard()
    for message in (_price("5801", "50"), _price("20000", "70", MNQ), _price("5802", "90")):
        heard.take(message)

    assert _account(heard).unrealized_pnl == Decimal(90)


def test_a_price_from_before_a_fill_does_not_undo_what_the_fill_made_of_the_position() -> None:
    heard = _heard()
    heard.take(_price("5801", "50"))
    heard.take(Message(MAIN, canned.position(size=1, mark=Decimal(5803), unrealized_pnl=Decimal(150))))

    (held,) = _account(heard).positions
    assert (held.size, held.mark, held.unrealized_pnl) == (1, Decimal(5803), Decimal(150))


def test_a_price_from_before_a_snapshot_is_forgotten() -> None:
    heard = _heard()
    before = _account(heard)
    heard.take(_price("5801", "50"))
    heard.take(canned.calm())

    assert _account(heard) == before


def test_prices_that_came_before_the_daemon_went_are_still_shown() -> None:
    heard = _heard()
    heard.take(_price("5801", "50"))
    heard.take(Away("gone", 1.0))

    assert heard.known.away == "gone"
    assert _account(heard).unrealized_pnl == Decimal(50)


def test_what_is_shown_is_as_old_as_the_last_price_and_not_as_the_look_at_it() -> None:
    clock = Clock()
    heard = _heard(clock)
    clock.at = NOW + timedelta(seconds=1)
    heard.take(_price("5801", "50"))
    clock.at = NOW + timedelta(seconds=3)

    assert heard.known.heard_at == NOW + timedelta(seconds=1)


def test_the_time_is_the_daemons() -> None:
    clock = Clock()
    heard = _heard(clock)
    assert heard.now() == NOW
    heard.take(Message(None, PartsTold(at=NOW + timedelta(minutes=3), parts=canned_day.parts())))
    assert heard.now() == heard.known.heard_at == NOW + timedelta(minutes=3)


def test_what_was_stored_is_shown_until_the_daemon_speaks() -> None:
    heard = Heard(Clock())
    heard.remember(canned.near())
    assert heard.known.snapshot == canned.near()
    heard.take(canned.calm())
    heard.remember(canned.near())
    assert heard.known.snapshot == canned.calm()
