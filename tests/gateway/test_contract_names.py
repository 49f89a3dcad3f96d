"""Names that traders use for contracts."""

from decimal import Decimal

import pytest

from risk_manager.core.model.contract import Contract
from risk_manager.gateway.contract_names import find, id_of


def listed(name: str, code: str, month: str) -> Contract:
    return Contract(f"CON.F.US.{code}.{month}", name, f"F.US.{code}", Decimal("0.25"), Decimal("12.50"))


# What a search for ES brings, and more: MES first, so that taking the first row would be wrong.
LIST = [
    listed("MESU6", "MES", "U26"),
    listed("ESU6", "EP", "U26"),
    listed("NQGU6", "NQG", "U26"),
    listed("QMU6", "NQM", "U26"),
    listed("NQU6", "ENQ", "U26"),
    listed("CLV6", "CLE", "V26"),
    listed("6EU6", "EU6", "U26"),
]


@pytest.mark.parametrize(
    ("name", "contract_id"),
    [
        ("ES", "CON.F.US.EP.U26"),
        ("es", "CON.F.US.EP.U26"),
        ("/ES", "CON.F.US.EP.U26"),
        ("MES", "CON.F.US.MES.U26"),
        ("NQ", "CON.F.US.ENQ.U26"),
        ("QM", "CON.F.US.NQM.U26"),
        ("CL", "CON.F.US.CLE.V26"),
        ("6E", "CON.F.US.EU6.U26"),
        ("ESU6", "CON.F.US.EP.U26"),
        ("ESU26", "CON.F.US.EP.U26"),
        ("CON.F.US.EP.U26", "CON.F.US.EP.U26"),
        (" con.f.us.ep.u26 ", "CON.F.US.EP.U26"),
    ],
)
def test_a_name_finds_its_contract_and_no_other(name: str, contract_id: str) -> None:
    found = find(name, LIST)
    assert found is not None
    assert found.contract_id == contract_id


@pytest.mark.parametrize("name", ["E", "EP6", "S", "", "XYZ", "ESZ6", "BTC"])
def test_a_part_of_a_name_finds_nothing(name: str) -> None:
    assert find(name, LIST) is None


def test_a_contract_without_a_usable_name_is_found_by_the_product_table() -> None:
    found = find("ES", [listed("", "EP", "U26")])
    assert found is not None
    assert found.contract_id == "CON.F.US.EP.U26"


@pytest.mark.parametrize(
    ("name", "contract_id"),
    [
        ("ESZ6", "CON.F.US.EP.Z26"),
        ("ESH7", "CON.F.US.EP.H27"),
        ("ESH30", "CON.F.US.EP.H30"),
        ("ESH1", "CON.F.US.EP.H31"),
        ("ZNZ26", "CON.F.US.TYA.Z26"),
        ("6EZ6", "CON.F.US.EU6.Z26"),
        ("CON.F.US.EP.H27", "CON.F.US.EP.H27"),
    ],
)
def test_a_month_that_is_not_listed_still_has_an_id(name: str, contract_id: str) -> None:
    assert id_of(name, LIST) == contract_id


@pytest.mark.parametrize("name", ["ES", "XXZ6", "ZNZ6", ""])
def test_what_cannot_be_a_contract_has_no_id(name: str) -> None:
    assert id_of(name, LIST) is None
