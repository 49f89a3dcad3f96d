from datetime import date
from decimal import Decimal

import pytest

from risk_manager.simulator.exchange.accounts import Account, AccountSpec, Costs
from risk_manager.simulator.exchange.contracts import listing

FRONTS = {contract.root: contract for contract in listing(date(2026, 8, 20)).available()}


@pytest.mark.parametrize(
    ("root", "fees", "commissions"),
    [("MNQ", "0.36", "0.25"), ("MES", "0.36", "0.25"), ("MCL", "0.51", "0.25"), ("ES", "1.40", "0.50")],
)
def test_costs_per_contract_and_side(root: str, fees: str, commissions: str) -> None:
    assert Costs.of(FRONTS[root]) == Costs(Decimal(fees), Decimal(commissions))


def test_a_new_day_counts_from_the_balance_it_begins_with() -> None:
    account = Account.opened(AccountSpec(balance=Decimal(50000)))
    account.begin(date(2026, 9, 1))
    account.balance += 300
    account.begin(date(2026, 9, 1))
    assert account.day_start_balance == 50000
    account.begin(date(2026, 9, 2))
    assert (account.day_start_balance, account.high_balance) == (Decimal(50300), Decimal(50300))


def test_the_high_is_that_of_the_ends_of_days() -> None:
    account = Account.opened(AccountSpec(balance=Decimal(50000)))
    account.begin(date(2026, 9, 1))
    account.balance += 300
    account.balance -= 400
    account.begin(date(2026, 9, 2))
    assert account.high_balance == 50000
