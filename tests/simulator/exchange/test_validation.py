import pytest

from risk_manager.simulator.exchange.accounts import AccountSpec, BracketMode
from risk_manager.simulator.exchange.codes import Place
from risk_manager.simulator.exchange.orders import Side, Type
from risk_manager.simulator.exchange.sessions import Gate
from tests.simulator.exchange.pit import ACCOUNT, Pit


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("limit price", {"kind": Type.LIMIT, "limit_price": "23490.10"}),
        ("outside of the allowed range", {"kind": Type.LIMIT, "limit_price": "20000"}),
        ("stop price", {"kind": Type.STOP, "stop_price": "23510.10"}),
        ("below the best ask", {"kind": Type.STOP, "stop_price": "23490"}),
        ("trail distance is not set", {"kind": Type.TRAILING_STOP}),
        ("exceeds the maximum", {"kind": Type.TRAILING_STOP, "trail_price": "23000"}),
        ("order type", {"kind": Type.STOP_LIMIT, "limit_price": "23500", "stop_price": "23510"}),
        ("stop loss ticks", {"stop_loss": 20}),
        ("stop loss ticks", {"stop_loss": -3}),
        ("take profit ticks", {"take_profit": -20}),
        ("order size", {"size": 0}),
    ],
)
def test_a_bad_order_is_refused_with_number_2_and_a_text(words: str, fields: dict[str, object]) -> None:
    outcome = Pit().place(Side.BUY, **fields)  # type: ignore[arg-type]  # the fields vary by case
    assert outcome.code == Place.ORDER_REJECTED
    assert words in str(outcome.text)


def test_long_tags_are_refused_where_the_switch_limits_them() -> None:
    assert "too long" in str(Pit(tag_length=3).place(Side.BUY, custom_tag="four").text)


@pytest.mark.parametrize("code", [Place.ACCOUNT_VIOLATION, Place.ACCOUNT_REJECTED])
def test_an_account_that_may_not_trade_is_refused(code: Place) -> None:
    pit = Pit(locked_place_code=int(code))
    pit.exchange.set_can_trade(ACCOUNT, allowed=False)
    assert pit.place(Side.BUY).code == code


def test_outside_the_session_the_refusal_is_number_2_with_a_text() -> None:
    outcome = Pit(session=Gate.ALWAYS_CLOSED).place(Side.BUY)
    assert (outcome.code, "not in an active trading status" in str(outcome.text)) == (2, True)


def test_brackets_need_the_auto_oco_mode() -> None:
    pit = Pit(spec=AccountSpec(id=ACCOUNT, bracket_mode=BracketMode.POSITION))
    assert "Position Brackets" in str(pit.place(Side.BUY, stop_loss=-20).text)


def test_an_account_has_a_largest_position() -> None:
    pit = Pit(spec=AccountSpec(id=ACCOUNT, max_position=2))
    pit.buy(2)
    assert "maximum position" in str(pit.place(Side.BUY).text)
    pit.sell(4)
    assert pit.net == -2


def test_a_live_account_is_refused() -> None:
    pit = Pit(spec=AccountSpec(id=ACCOUNT, simulated=False))
    assert pit.place(Side.BUY).code == Place.ACCOUNT_REJECTED
