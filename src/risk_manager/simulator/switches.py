"""The choices that the venue leaves unknown, each with the behaviour it has unless told otherwise."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import msgspec

from risk_manager.simulator.exchange.sessions import Gate


class Envelope(StrEnum):
    """How user events are packed."""

    WRAPPED = "wrapped"
    BARE = "bare"
    LIST = "list"


class Reversal(StrEnum):
    """What becomes of the position row when one order turns long into short."""

    NEW_ROW = "new_row"
    SAME_ROW = "same_row"


class Missing(StrEnum):
    """Which of the newer endpoints the venue has."""

    NOTHING = "nothing"
    ORDER_QUERY = "order_query"


@dataclass(frozen=True, slots=True)
class Switches:
    """One named switch for everything about the venue that is not known for certain."""

    # --- Sessions and tokens ---
    #: Seconds that a token lives.
    token_lifetime: float = 86400
    #: validate answers with a new token; off: with null.
    validate_returns_new_token: bool = True
    #: The old token goes on working after a validate; off: it is revoked.
    old_token_survives_validate: bool = True
    #: An expired token may be exchanged by validate; off: 401.
    validate_accepts_expired: bool = False
    #: A second login of a user evicts the first: GatewayLogout on both hubs, then close and 401.
    login_evicts: bool = False
    #: Arguments of GatewayLogout.
    logout_arguments: tuple[str, ...] = ()
    #: A hub connection is dropped when its token expires.
    hub_drops_at_expiry: bool = False
    #: Users without a data subscription get 401 from the market hub.
    market_hub_refuses: bool = False

    # --- REST ---
    #: 429 above 200 requests a minute and 50 bars requests in 30 s, per user.
    rate_limit: bool = True
    #: Seconds in a Retry-After header of a 429; None sends none.
    retry_after: int | None = None
    #: The window slides; off: it is fixed to the clock.
    rate_window_slides: bool = True
    #: Answers say text/plain instead of application/json.
    text_plain: bool = False
    #: Endpoints that answer 404.
    missing: Missing = Missing.NOTHING
    #: searchOpen lists pending orders too (status 6 and 7).
    search_open_shows_pending: bool = False
    #: Seconds by which Position/searchOpen lags behind the fills.
    position_lag: float = 0
    #: searchOpen rows lack symbolId, as in the docs' samples.
    search_open_lacks_symbol: bool = False
    #: pageOffset of v2/query counts pages; off: rows.
    query_offset_counts_pages: bool = False
    #: Most rows of a page of v2/query.
    query_page_cap: int = 1000

    # --- User events ---
    #: Wrapped as {action, data}, bare, or a list of wrapped ones.
    envelope: Envelope = Envelope.WRAPPED
    #: Every trade is told twice: action 0, then action 1.
    duplicate_trades: bool = False
    #: Ids travel as strings, and orders carry orderId beside id.
    string_ids: bool = False
    #: In which order one fill is told.
    fill_sequence: tuple[str, ...] = ("order", "trade", "position", "account")
    #: The last event of an order has action 2 in place of 1.
    order_end_is_delete: bool = False
    #: Half-trades carry the field commissions.
    commissions_field: bool = True
    #: Positions carry contractDisplayName.
    display_name_field: bool = True
    #: A flip of canTrade is pushed as an account event.
    pushes_can_trade: bool = True
    #: SubscribeAccounts answers with a snapshot.
    account_snapshot: bool = True
    #: Subscribing orders, positions and trades answers with a snapshot.
    user_snapshot: bool = False
    #: SubscribeContractQuotes answers with a full quote.
    quote_snapshot: bool = True
    #: The first quote has a last price only, no bid and ask.
    quote_snapshot_without_book: bool = False
    #: The name of the logout event is in lower case.
    lower_case_logout: bool = False
    #: GatewayTrade arrays hold a null now and then.
    null_prints: bool = True

    # --- Keepalive ---
    #: Seconds between the server's pings.
    ping_interval: float = 15
    #: Seconds of a client's silence after which it is dropped.
    client_timeout: float = 30

    # --- Orders ---
    #: Seconds from taking an order to its fill.
    fill_latency: float = 0.004
    #: Contracts that one price step fills of an order; None fills all.
    liquidity: int | None = None
    #: StopLimit orders are taken; off: rejected.
    stop_limit_accepted: bool = False
    #: Longest custom tag; longer ones are rejected. None: any length.
    tag_length: int | None = None
    #: Place rejections are recorded as orders with status 5, and the reply carries their id.
    rejected_leave_trace: bool = True
    #: Error number of a place on an account that may not trade: 4 or 10.
    locked_place_code: int = 4
    #: Error number of a place with a wrong contract id: 8, or 2 with a text.
    unknown_contract_place_code: int = 8
    #: Closes and cancels pass on an account that may not trade.
    locked_may_close: bool = True
    #: Modify with a price of null leaves that price alone; off: rejected.
    modify_null_keeps: bool = True
    #: A suspended bracket child can be modified.
    modify_suspended: bool = True
    #: Cancelling one leg of an OCO pair cancels the other.
    cancel_takes_sibling: bool = False
    #: Seconds that a cancel stays in status 7 before status 3.
    cancel_latency: float = 0.002

    # --- Closing ---
    #: Auto-OCO legs vanish after the position is flat; off: they stay.
    legs_vanish: bool = True
    #: Seconds after which they vanish; None: at random within 2 s.
    legs_vanish_after: float | None = None
    #: closeContract cancels stand-alone orders of the contract too.
    close_cancels_resting: bool = False
    #: An opposite market order that closes a part cancels all legs of the contract.
    partial_exit_cancels_legs: bool = False
    #: A partial close through the API cancels all legs of the contract.
    partial_close_cancels_legs: bool = False
    #: A reversal in one order makes a new row, or turns the old one.
    reversal: Reversal = Reversal.NEW_ROW
    #: Error number of closeContract when the market is closed.
    closed_market_close_code: int = 5

    # --- Platform ---
    #: Orders pass by Chicago hours (clock), always (open) or never (closed).
    session: Gate = Gate.ALWAYS_OPEN
    #: Working orders expire (status 4) when the session ends by the clock.
    expire_at_session_end: bool = False
    #: The platform liquidates accounts that have a DLL or MLL when they reach it.
    platform_liquidates: bool = True
    #: The liquidation marks open positions at the last price; off: at bid and ask.
    liquidation_marks_last: bool = False
    #: Day costs count towards the limits at once.
    liquidation_counts_costs: bool = True
    #: Mutations pass on accounts that are not simulated.
    live_accounts_may_mutate: bool = False

    # --- Prices ---
    #: Quotes a second, shared by the contracts that somebody watches or holds.
    quotes_per_second: float = 20
    #: Prices move by themselves.
    prices_move: bool = True
    #: Each quote is written to the log too.
    log_quotes: bool = False

    def changed(self, values: dict[str, Any]) -> Switches:
        """The same with these values; raises ValueError for an unknown name or a wrong value."""
        unknown = sorted(set(values) - {field.name for field in fields(self)})
        if unknown:
            raise ValueError(f"no such switch: {', '.join(unknown)}")
        return msgspec.convert(msgspec.to_builtins(self) | values, Switches)
