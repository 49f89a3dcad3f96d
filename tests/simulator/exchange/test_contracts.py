from datetime import date
from decimal import Decimal

import pytest

from risk_manager.simulator.exchange.contracts import listing

IN_AUGUST_2026 = listing(date(2026, 8, 20))


def test_there_is_one_front_month_for_each_of_51_products() -> None:
    fronts = IN_AUGUST_2026.available()
    assert len(fronts) == 51
    assert len({contract.root for contract in fronts}) == 51


@pytest.mark.parametrize("name", ["ES", "/ES", "es", "ESU6", "ESU26", "CON.F.US.EP.U26"])
def test_a_contract_is_found_by_root_name_and_id(name: str) -> None:
    contract = IN_AUGUST_2026.find(name)
    assert contract is not None
    assert (contract.id, contract.symbol_id, contract.name) == ("CON.F.US.EP.U26", "F.US.EP", "ESU6")


def test_searching_es_finds_more_than_es() -> None:
    roots = {contract.root for contract in IN_AUGUST_2026.search("ES")}
    assert {"ES", "MES", "ZF", "6J", "6M", "ZN"} <= roots
    assert len(IN_AUGUST_2026.search("")) == 20


def test_the_month_before_the_front_is_known_but_expired() -> None:
    expired = IN_AUGUST_2026.by_id["CON.F.US.EP.M26"]
    assert not expired.is_active
    assert expired not in IN_AUGUST_2026.available()


def test_the_month_after_the_front_can_be_traded() -> None:
    following = IN_AUGUST_2026.by_id["CON.F.US.EP.Z26"]
    assert following.is_active
    assert not following.is_front


@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2026, 12, 31), date(2027, 6, 15), date(2028, 2, 29)])
def test_every_product_has_a_front_month_on_any_day(day: date) -> None:
    assert len(listing(day).available()) == 51


def test_a_tick_of_every_product_is_worth_its_tick_value() -> None:
    for contract in IN_AUGUST_2026.available():
        assert contract.pnl(contract.tick_size, 2) == contract.tick_value * 2
        assert contract.is_on_tick(contract.rounded(contract.opening_price))


def test_crude_runs_a_month_ahead() -> None:
    contract = IN_AUGUST_2026.find("CL")
    assert contract is not None
    assert contract.id == "CON.F.US.CLE.V26"
    assert contract.tick_size == Decimal("0.01")
