"""The endpoints of Account, Contract and History."""

from __future__ import annotations

from risk_manager.simulator import requests, wire
from risk_manager.simulator.endpoints.call import Call, Reply, failure, success
from risk_manager.simulator.exchange import bars, codes
from risk_manager.simulator.exchange.changes import AccountRow

MOST_BARS_ASKED = 20_000


def search_accounts(call: Call, body: requests.AccountSearch) -> Reply:
    """Account/search."""
    mine = [a for a in call.stage.exchange.accounts.values() if call.account(a.id)]
    shown = [a for a in mine if not body.only_active_accounts or (a.can_trade and a.is_visible)]
    return success(accounts=[wire.account_fields(AccountRow.of(account)) for account in shown])


def search_contracts(call: Call, body: requests.ContractSearch) -> Reply:
    """Contract/search: loosely, and nothing from a live subscription that nobody here has."""
    found = [] if body.live else call.stage.exchange.floor.listing.search(body.search_text)
    return success(contracts=[wire.contract_fields(contract) for contract in found])


def contract_by_id(call: Call, body: requests.ContractById) -> Reply:
    """Contract/searchById: expired ones too."""
    contract = call.stage.exchange.floor.listing.by_id.get(body.contract_id)
    if contract is None:
        return failure(1, contract=None)
    return success(contract=wire.contract_fields(contract))


def available_contracts(call: Call, body: requests.ContractAvailable) -> Reply:
    """Contract/available: the front month of each product."""
    found = [] if body.live else call.stage.exchange.floor.listing.available()
    return success(contracts=[wire.contract_fields(contract) for contract in found])


def retrieve_bars(call: Call, body: requests.RetrieveBars) -> Reply:
    """History/retrieveBars: newest first."""
    floor = call.stage.exchange.floor
    contract = floor.listing.by_id.get(body.contract_id)
    trouble = _trouble_with_bars(body)
    if contract is None or trouble:
        return failure(codes.Bars.CONTRACT_NOT_FOUND if contract is None else trouble, bars=None)
    query = bars.BarQuery(
        start=body.start_time,
        end=body.end_time,
        unit=body.unit,
        unit_number=body.unit_number,
        limit=body.limit,
        include_partial=body.include_partial_bar,
    )
    found = bars.bars(floor.market(contract), query, now=call.now, born_at=floor.born_at)
    return success(bars=[wire.bar_fields(bar) for bar in found])


def _trouble_with_bars(body: requests.RetrieveBars) -> int:
    if body.unit not in bars.SECONDS_PER_UNIT:
        return codes.Bars.UNIT_INVALID
    if body.unit_number < 1:
        return codes.Bars.UNIT_NUMBER_INVALID
    return 0 if 0 < body.limit <= MOST_BARS_ASKED else codes.Bars.LIMIT_INVALID
