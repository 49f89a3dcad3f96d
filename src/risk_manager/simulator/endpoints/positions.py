"""The endpoints of Position and Trade."""

from __future__ import annotations

from risk_manager.simulator import requests, wire
from risk_manager.simulator.endpoints.call import Call, Reply, envelope, failure, is_within, success
from risk_manager.simulator.exchange import codes


def search_positions(call: Call, body: requests.ByAccount) -> Reply:
    """Position/searchOpen: flat ones are not in the list."""
    account = call.account(body.account_id)
    if account is None:
        return failure(codes.Search.ACCOUNT_NOT_FOUND, positions=None)
    rows = [wire.position_fields(row, wire.rest_instant) for row in call.stage.positions_shown(account.id)]
    if not call.stage.switches.display_name_field:
        for row in rows:
            del row["contractDisplayName"]
    return success(positions=rows)


def close_contract(call: Call, body: requests.CloseContract) -> Reply:
    """Position/closeContract."""
    if call.account(body.account_id) is None:
        return failure(codes.Close.ACCOUNT_NOT_FOUND)
    return envelope(call.stage.exchange.close(body.account_id, body.contract_id, call.now))


def partial_close_contract(call: Call, body: requests.PartialCloseContract) -> Reply:
    """Position/partialCloseContract."""
    if call.account(body.account_id) is None:
        return failure(codes.PartialClose.ACCOUNT_NOT_FOUND)
    return envelope(call.stage.exchange.partial_close(body.account_id, body.contract_id, size=body.size, now=call.now))


def search_trades(call: Call, body: requests.TradeSearch) -> Reply:
    """Trade/search: newest first."""
    account = call.account(body.account_id)
    if account is None:
        return failure(codes.Search.ACCOUNT_NOT_FOUND, trades=None)
    rows = [
        wire.trade_fields(trade, wire.rest_instant)
        for trade in reversed(account.trades)
        if is_within(trade.created_at, body.start_timestamp, body.end_timestamp)
    ]
    if not call.stage.switches.commissions_field:
        for row in rows:
            del row["commissions"]
    return success(trades=rows)
