"""The request bodies of the venue's endpoints; what they do not name is ignored."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec
from msgspec import UNSET, UnsetType


class Body(msgspec.Struct, rename="camel"):
    """A JSON object with names in camelCase."""


class Empty(Body):
    """No body is needed."""


class LoginKey(Body):
    """Auth/loginKey."""

    user_name: str
    api_key: str


class AccountSearch(Body):
    """Account/search."""

    only_active_accounts: bool


class ContractSearch(Body):
    """Contract/search."""

    search_text: str
    live: bool


class ContractById(Body):
    """Contract/searchById."""

    contract_id: str


class ContractAvailable(Body):
    """Contract/available."""

    live: bool


class RetrieveBars(Body):
    """History/retrieveBars."""

    contract_id: str
    live: bool
    start_time: datetime
    end_time: datetime
    unit: int
    unit_number: int
    limit: int
    include_partial_bar: bool


class OrderSearch(Body):
    """Order/search."""

    account_id: int
    start_timestamp: datetime
    end_timestamp: datetime | None = None


class ByAccount(Body):
    """Order/searchOpen, Position/searchOpen."""

    account_id: int


class ByOrder(Body):
    """Order/searchById, Order/cancel."""

    account_id: int
    order_id: int


class OrderFilter(Body):
    """The filter of Order/v2/query."""

    account_id: int
    statuses: list[int] | None = None
    contract_id: str | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


class OrderQuery(Body):
    """Order/v2/query."""

    filter: OrderFilter
    page_size: int | None = None
    page_offset: int | None = None
    sort_by: int | None = None
    sort_direction: int | None = None
    include_total_count: bool | None = None


class BracketBody(Body):
    """A bracket of Order/place."""

    ticks: int
    type: int


class PlaceOrder(Body):
    """Order/place."""

    account_id: int
    contract_id: str
    type: int
    side: int
    size: int
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    custom_tag: str | None = None
    stop_loss_bracket: BracketBody | None = None
    take_profit_bracket: BracketBody | None = None


class ModifyOrder(Body):
    """Order/modify."""

    account_id: int
    order_id: int
    size: int | UnsetType | None = UNSET
    limit_price: Decimal | UnsetType | None = UNSET
    stop_price: Decimal | UnsetType | None = UNSET
    trail_price: Decimal | UnsetType | None = UNSET


class CloseContract(Body):
    """Position/closeContract."""

    account_id: int
    contract_id: str


class PartialCloseContract(Body):
    """Position/partialCloseContract."""

    account_id: int
    contract_id: str
    size: int


class TradeSearch(Body):
    """Trade/search."""

    account_id: int
    start_timestamp: datetime | None = None
    end_timestamp: datetime | None = None
