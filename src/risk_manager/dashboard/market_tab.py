"""Positions and orders in full."""

from risk_manager.dashboard.lines import Line, Span, Tone, section, wrapped
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.market_view import order_lines, position_lines


def market_lines(look: Look) -> tuple[Line, ...]:
    """What is held with its quote and its age, and what waits in the market."""
    held = position_lines(look.account, look.known, now=look.now, width=look.width)
    orders = order_lines(look.account, width=look.width)
    return (
        section(f"Positions · {len(look.account.positions)}", look.width),
        *held,
        (),
        section(f"Working orders · {len(look.account.orders)}", look.width),
        *orders,
        (),
        *wrapped((Span(_note(look), Tone.MUTED),), look.width, indent=0),
    )


def _note(look: Look) -> str:
    stale_after = 10.0 if look.known.snapshot is None else look.known.snapshot.daemon.stale_after
    return (
        f"The open P&L follows the mark; a quote older than {stale_after:g} s is marked ▲. "
        "Orders are placed and changed in your platform: this screen only looks."
    )
