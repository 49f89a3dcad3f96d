"""The product table."""

from decimal import Decimal

from risk_manager.core.model.product import BY_CODE, BY_ROOT, MICROS, PRODUCTS


def test_each_product_stands_there_once_and_is_worth_something() -> None:
    assert len(BY_CODE) == len(BY_ROOT) == len(PRODUCTS) == 51
    assert all(product.tick_size > 0 and product.tick_value > 0 for product in PRODUCTS)


def test_the_micros_are_those_of_the_law_and_each_is_a_product() -> None:
    assert BY_ROOT.keys() >= MICROS
    assert {"MES", "MNQ", "M2K", "MYM", "MCL", "MNG", "MGC", "SIL", "MHG", "M6E", "M6A", "M6B", "MBT", "MET"} == MICROS


def test_roots_that_look_like_codes_are_told_apart() -> None:
    assert BY_CODE["NQM"].root == "QM"
    assert BY_CODE["EEU"].root == "E7"
    assert BY_ROOT["MCL"].code == "MCLE"


def test_a_point_is_worth_what_the_exchange_says() -> None:
    worth = {
        root: BY_ROOT[root].tick_value / BY_ROOT[root].tick_size for root in ("ES", "MES", "NQ", "MNQ", "CL", "GC")
    }
    assert worth == {"ES": 50, "MES": 5, "NQ": 20, "MNQ": 2, "CL": 1000, "GC": Decimal(100)}
