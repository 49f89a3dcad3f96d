"""What the venue says of contracts, and the table where it is silent."""

from decimal import Decimal

import pytest

from risk_manager.core.model.contract import Contract
from risk_manager.core.state.contracts import Contracts
from tests.builders import ES, UNKNOWN


def told(tick_size: str = "0.5", tick_value: str = "1", contract_id: str = UNKNOWN, name: str = "NBU6") -> Contract:
    return Contract(contract_id, name, "F.US.NOBODY", Decimal(tick_size), Decimal(tick_value))


def test_the_table_knows_every_month_of_a_product() -> None:
    contract = Contracts().get("CON.F.US.EP.H31")
    assert contract is not None
    assert contract.tick_value == Decimal("12.50")


def test_what_the_venue_says_wins_over_the_table() -> None:
    contracts = Contracts()
    assert contracts.get(ES) is contracts.get(ES)
    contracts.learn(told(contract_id=ES, name="ESU6"))
    contract = contracts.get(ES)
    assert contract is not None
    assert contract.tick_size == Decimal("0.5")


def test_an_unknown_contract_has_its_code_for_a_root_until_the_venue_tells() -> None:
    contracts = Contracts()
    assert contracts.get(UNKNOWN) is None
    assert contracts.root(UNKNOWN) == "NOBODY"
    contracts.learn(told())
    assert contracts.root(UNKNOWN) == "NB"


@pytest.mark.parametrize(("size", "value"), [("0", "1"), ("-1", "1"), ("1", "0"), ("NaN", "1"), ("1", "Infinity")])
def test_a_contract_whose_ticks_are_worth_nothing_is_no_description(size: str, value: str) -> None:
    contracts = Contracts()
    contracts.learn(told(size, value, contract_id=ES, name="ESU6"))
    contract = contracts.get(ES)
    assert contract is not None
    assert contract.tick_size == Decimal("0.25")


def test_the_root_of_a_contract_is_looked_up_once() -> None:
    contracts = Contracts()
    assert [contracts.root(UNKNOWN), contracts.root(UNKNOWN)] == ["NOBODY", "NOBODY"]
