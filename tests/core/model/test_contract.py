"""Contracts: the trader's root, the gateway's code, and prices on a tick."""

from decimal import Decimal

import pytest

from risk_manager.core.model.contract import Contract, code_of_id, contract_of_id, root_of_id, root_of_name
from tests.builders import CL, ES, MNQ, UNKNOWN


@pytest.mark.parametrize(
    ("contract_id", "root"),
    [(ES, "ES"), (MNQ, "MNQ"), (CL, "CL"), ("CON.F.US.GMET.V26", "MET"), ("CON.F.US.NQM.V26", "QM")],
)
def test_es_in_the_config_matches_ep_on_the_wire(contract_id: str, root: str) -> None:
    assert root_of_id(contract_id) == root
    contract = contract_of_id(contract_id)
    assert contract is not None
    assert contract.root == root


def test_an_unknown_product_keeps_its_code_for_a_root_and_has_no_worth() -> None:
    assert root_of_id(UNKNOWN) == "NOBODY"
    assert contract_of_id(UNKNOWN) is None


def test_an_id_of_another_form_is_its_own_code() -> None:
    assert code_of_id("something.else") == "SOMETHING.ELSE"


@pytest.mark.parametrize(("name", "root"), [("ESU6", "ES"), ("/mnqu6", "MNQ"), ("U6", ""), ("", "")])
def test_month_and_year_come_off_a_name(name: str, root: str) -> None:
    assert root_of_name(name) == root


def test_a_contract_without_a_name_takes_its_root_from_the_table() -> None:
    assert Contract(ES, "", "F.US.EP", Decimal("0.25"), Decimal("12.5")).root == "ES"


@pytest.mark.parametrize(
    ("price", "below", "above"),
    [("100.25", "100.25", "100.25"), ("100.3", "100.25", "100.50"), ("-0.1", "-0.25", "0")],
)
def test_a_price_goes_to_the_tick_below_or_above(price: str, below: str, above: str) -> None:
    contract = contract_of_id(ES)
    assert contract is not None
    assert contract.tick_at_or_below(Decimal(price)) == Decimal(below)
    assert contract.tick_at_or_above(Decimal(price)) == Decimal(above)
