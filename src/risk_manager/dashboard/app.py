"""The trader's screen: follows the local API, and shows the view of what it tells."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from textual import work
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.screen import Screen

from risk_manager.dashboard.heard import Heard
from risk_manager.dashboard.history_view import incidents
from risk_manager.dashboard.lock_wish import ANOTHER, LENGTHS, UNTIL_RESET, LockWish, choices
from risk_manager.dashboard.look import Look
from risk_manager.dashboard.painting import AT_ONCE, SOON, Painting
from risk_manager.dashboard.panels.dialogs import ChoiceDialog, ConfirmDialog, MinutesDialog, TextDialog
from risk_manager.dashboard.panels.lines_area import LinesArea
from risk_manager.dashboard.panels.tabs_screen import TabsScreen
from risk_manager.dashboard.rhythm import PACE
from risk_manager.dashboard.themes import DARK, LIGHT
from risk_manager.dashboard.view_state import HELP, TABS, Chosen, account_shown, neighbour, view
from risk_manager.local_api.client import Away, follow, wish_lock
from risk_manager.local_api.commands import Result
from risk_manager.local_api.errors import LocalApiError
from risk_manager.local_api.frames import DEFAULT_PORT, Message
from risk_manager.local_api.messages import AccountRules, AccountStatus, EnforcementAction, Snapshot
from risk_manager.local_api.part_status import PartsTold
from risk_manager.local_api.quotes import MarketQuote

HISTORY = next(number for number, tab in enumerate(TABS) if tab.name == "history")

Source = Callable[[], AsyncGenerator[Snapshot | Message | Away, None]]
Wish = Callable[[Mapping[str, Any]], Awaitable[Result]]


async def _nobody_to_ask(_: Mapping[str, Any]) -> Result:
    return Result(ok=False, message="this screen has no daemon to ask")


class TraderScreen(App[None]):
    """One question on every tab: may I trade, and how much room is left.

    `now` tells the PC's time (aware UTC); the daemon's own time corrects it. `last_known` reads what was stored, for
    when the daemon is away from the start; it may return None. `source` follows the daemon for ever, `wish` asks it
    to lock.
    """

    TITLE = "Risk Manager"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #connection, #tabs, #keys { height: 1; }
    #connection, #keys { background: $panel; }
    #header { height: 3; }
    #body { height: 1fr; }
    """

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        source: Source,
        wish: Wish = _nobody_to_ask,
        account_id: int | None = None,
        last_known: Callable[[], Snapshot | None] | None = None,
    ) -> None:
        super().__init__()
        self._heard = Heard(now)
        self._source = source
        self._wish = wish
        self._last_known = last_known
        self._chosen = Chosen(account=account_id)
        self._painting = Painting(self._paint, now=self._heard.now, set_timer=self.set_timer)
        self._areas = {name: LinesArea(id=name) for name in ("connection", "header", "tabs", "body", "keys")}

    def get_default_screen(self) -> Screen[None]:
        """Begin with the tabs."""
        return TabsScreen(id="tabs-screen")

    def get_driver_class(self) -> type[Driver]:
        """Choose how the terminal is spoken to."""
        if sys.platform == "win32":
            return super().get_driver_class()
        from risk_manager.dashboard.patient_input import PatientInput  # noqa: PLC0415  Windows cannot load it

        return PatientInput

    def compose(self) -> ComposeResult:
        """Set the areas below each other."""
        yield from self._areas.values()

    def on_mount(self) -> None:
        """Begin to follow."""
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = DARK.name
        self.app_resume_signal.subscribe(self, lambda _: self.refresh())  # the terminal has forgotten everything
        self._paint()
        self.run_worker(self._follow(), exclusive=True)

    async def _follow(self) -> None:
        source = self._source()
        try:
            async for what in source:
                self.take(what)
                if isinstance(what, Away):
                    await self._remember()
        finally:
            await source.aclose()

    @property
    def is_told(self) -> bool:
        """Whether there is anything to show."""
        return self._heard.known.snapshot is not None

    def take(self, what: Snapshot | Message | Away) -> None:
        """Take in what was told, and paint soon."""
        self._heard.take(what)
        match what:
            case Message(data=MarketQuote() | AccountRules() | PartsTold()):
                self._painting.on_beat()
            case Message(data=EnforcementAction() as deed, account_id=account_id):
                self._notice(deed, account_id)
                self._painting.within(AT_ONCE)
            case _:
                self._painting.within(SOON)

    async def _remember(self) -> None:
        if not self.is_told and self._last_known is not None:
            stored = await asyncio.to_thread(self._last_known)
            if stored is not None:
                self._heard.remember(stored)
                self._painting.within(SOON)

    def _notice(self, deed: EnforcementAction, account_id: int | None) -> None:
        """Draw the eye and the ear to what the daemon does."""
        if deed.state not in ("started", "failed"):
            return
        shown = self._account()
        is_shown = shown is not None and shown.id == account_id
        self._areas["header" if is_shown else "connection"].flash(1.5)
        if self._chosen.is_ringing:
            self.bell()

    # painting

    def on_resize(self) -> None:
        """The lines are made to measure."""
        self._painting.within(SOON)

    def _paint(self) -> None:
        now, size = self._painting.begins(), self.size
        if not self._areas["body"].is_attached:  # the screen is being taken down, and a timer came late
            return
        shown = view(self._heard.known, chosen=self._chosen, now=now, width=size.width, height=size.height)
        for name, area in self._areas.items():
            area.show(getattr(shown, name))

    def _choose(self, chosen: Chosen) -> None:
        self._chosen = chosen
        self._paint()

    def _account(self) -> AccountStatus | None:
        return account_shown(self._heard.known, self._chosen.account)

    # what is pressed and clicked

    def action_show_tab(self, tab: int) -> None:
        """Open a tab at its top."""
        self._areas["body"].scroll_to(y=0, animate=False)
        self._choose(replace(self._chosen, tab=tab))

    def action_turn(self, by: int) -> None:
        """Open the tab beside, and after the last the first."""
        self.action_show_tab((self._chosen.tab + by) % len(TABS))

    def action_move(self, rows: int) -> None:
        """Scroll what does not fit; in the history, pick another row."""
        account = self._account()
        if self._chosen.tab != HISTORY or account is None:
            self._areas["body"].scroll_relative(y=rows, animate=False)
            return
        look = Look(known=self._heard.known, account=account, now=self._heard.now(), width=0, height=0)
        last = max(len(incidents(look)) - 1, 0)
        self.action_pick(min(max(self._chosen.picked + rows, 0), last))

    def action_pick(self, row: int) -> None:
        """Pick a row of the history."""
        self._choose(replace(self._chosen, picked=row))

    def action_next_account(self) -> None:
        """Show the next account."""
        self._choose(replace(self._chosen, account=neighbour(self._heard.known, self._chosen.account), picked=0))

    def action_show_account(self, account_id: int) -> None:
        """Show an account."""
        self._choose(replace(self._chosen, account=account_id, picked=0))

    def action_dark_or_light(self) -> None:
        """Change the face."""
        self.theme = LIGHT.name if self.theme == DARK.name else DARK.name

    def action_bell_or_quiet(self) -> None:
        """Ring when the daemon acts, or do not."""
        self._choose(replace(self._chosen, is_ringing=not self._chosen.is_ringing))

    def action_help(self) -> None:
        """Say what every key does."""
        self.push_screen(TextDialog(HELP))

    @work(exclusive=True, group="dialog")
    async def action_choose_account(self) -> None:
        """List the accounts and show the chosen one."""
        accounts = self._heard.known.snapshot.accounts if self._heard.known.snapshot is not None else ()
        shown = self._account()
        if shown is None:
            return
        rows = [f"{one.nickname or 'Account'} · {one.id}" for one in accounts]
        ids = [one.id for one in accounts]
        number = await self.push_screen_wait(ChoiceDialog("Which account?", rows, chosen=ids.index(shown.id)))
        if number is not None:
            self.action_show_account(ids[number])

    @work(exclusive=True, group="dialog")
    async def action_lock_me_out(self) -> None:
        """Ask for how long, ask whether it is meant, and ask the daemon."""
        account = self._account()
        if account is None or self._heard.known.away is not None:
            self.notify("The daemon is away: nobody could lock you out", severity="error")
            return
        number = await self.push_screen_wait(
            ChoiceDialog(f"Lock {account.nickname or account.id} for how long?", choices(account, self._heard.now()))
        )
        if number is None:
            return
        minutes = LENGTHS[number][1] if number < len(LENGTHS) else None
        if number == ANOTHER and (minutes := await self.push_screen_wait(MinutesDialog())) is None:
            return
        wish = LockWish(None if number == UNTIL_RESET else minutes)
        if await self.push_screen_wait(ConfirmDialog(wish.question(account, self._heard.now()), yes="lock me out")):
            await self._ask(wish.request(account))

    async def _ask(self, request: Mapping[str, Any]) -> None:
        try:
            result = await self._wish(request)
        except LocalApiError as error:
            result = Result(ok=False, message=str(error))
        self.notify(result.message, severity="information" if result.ok else "error")


def open_screen(
    *,
    now: Callable[[], datetime],
    port: int = DEFAULT_PORT,
    account_id: int | None = None,
    last_known: Callable[[], Snapshot | None] | None = None,
) -> None:
    """Show the trader's screen until he leaves it."""
    TraderScreen(
        now=now,
        source=lambda: follow(port, prices_every=PACE),
        wish=lambda wish: wish_lock(wish, port),
        account_id=account_id,
        last_known=last_known,
    ).run()
