"""What each endpoint of the venue answers to a body that is in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from risk_manager.simulator import requests
from risk_manager.simulator.endpoints import listings, orders, positions, sessions
from risk_manager.simulator.endpoints.call import Call, Reply

Endpoint = Callable[[Call, Any], Reply]
ENDPOINTS: dict[str, tuple[type[requests.Body], Endpoint]] = {
    "/api/auth/loginkey": (requests.LoginKey, sessions.login_key),
    "/api/auth/validate": (requests.Empty, sessions.validate),
    "/api/auth/logout": (requests.Empty, sessions.logout),
    "/api/account/search": (requests.AccountSearch, listings.search_accounts),
    "/api/contract/search": (requests.ContractSearch, listings.search_contracts),
    "/api/contract/searchbyid": (requests.ContractById, listings.contract_by_id),
    "/api/contract/available": (requests.ContractAvailable, listings.available_contracts),
    "/api/history/retrievebars": (requests.RetrieveBars, listings.retrieve_bars),
    "/api/order/search": (requests.OrderSearch, orders.search_orders),
    "/api/order/searchopen": (requests.ByAccount, orders.search_open_orders),
    "/api/order/searchbyid": (requests.ByOrder, orders.order_by_id),
    "/api/order/v2/query": (requests.OrderQuery, orders.query_orders),
    "/api/order/place": (requests.PlaceOrder, orders.place_order),
    "/api/order/modify": (requests.ModifyOrder, orders.modify_order),
    "/api/order/cancel": (requests.ByOrder, orders.cancel_order),
    "/api/position/searchopen": (requests.ByAccount, positions.search_positions),
    "/api/position/closecontract": (requests.CloseContract, positions.close_contract),
    "/api/position/partialclosecontract": (requests.PartialCloseContract, positions.partial_close_contract),
    "/api/trade/search": (requests.TradeSearch, positions.search_trades),
}
OPEN_TO_ALL = frozenset({"/api/auth/loginkey"})
