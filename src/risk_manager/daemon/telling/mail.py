"""The daemon's way to the channels: alarms without secrets into the outbox, and a courier that nothing can stop."""

import asyncio
from dataclasses import replace

from risk_manager.alerts.alert import Alert
from risk_manager.alerts.channels import Fate, Outcome, opened
from risk_manager.alerts.courier import Courier
from risk_manager.alerts.discretion import without_secrets
from risk_manager.alerts.outbox import Outbox
from risk_manager.config.configuration import Configuration
from risk_manager.daemon.clock import Clock
from risk_manager.daemon.event_log import EventLog
from risk_manager.store.database import Database
from risk_manager.store.errors import StoreUnavailableError
from risk_manager.store.own_rows import OwnRows

GRACE = 3.0
"""Seconds that a stopping daemon takes to say goodbye."""
_PAUSE = 10.0

log = EventLog("daemon")


class _Shelf(OwnRows):
    """The table of the outbox; one that cannot be read begins anew, and alarms go on."""

    def load(self) -> dict[str, str]:
        try:
            return super().load()
        except StoreUnavailableError as error:
            log.exception("outbox_unread", why=str(error))
            return {}


class Mail:
    """Outbox and courier of one daemon."""

    def __init__(self, courier: Courier, secrets: frozenset[str]) -> None:
        self._courier = courier
        self._secrets = secrets

    def deliver(self, alert: Alert) -> None:
        """Take an alarm in, and return at once."""
        title, text = (without_secrets(words, self._secrets) for words in (alert.title, alert.text))
        topic = without_secrets(alert.topic, self._secrets)
        self._courier.deliver(replace(alert, title=title, text=text, topic=topic))

    async def run(self) -> None:
        """Carry alarms out for as long as the daemon lives; whatever breaks here is no matter of enforcement."""
        while True:
            try:
                await self._courier.run()
            except Exception:  # alarms must never take the protection down
                log.exception("courier_broke")
                await asyncio.sleep(_PAUSE)

    async def aclose(self) -> None:
        """Tell what is due within a moment; the rest waits for the next start."""
        await self._courier.aclose(GRACE)


def mail_of(configuration: Configuration, database: Database, *, clock: Clock) -> Mail | None:
    """Make the way to the configured channels; None where there are none."""
    if not configuration.alerts:
        return None
    outbox = Outbox(configuration.alerts, shelf=_Shelf(database.writer, "alerts_outbox"), now=clock.now)
    if outbox.given_up:
        log.warning("alarms_given_up", count=outbox.given_up)
    courier = Courier(outbox, opened(configuration.alerts), now=clock.now, note=_note)
    secrets = {secret for channel in configuration.alerts for secret in channel.secrets}
    secrets |= {account.api_key for account in configuration.accounts if account.api_key}
    return Mail(courier, frozenset(secrets))


def _note(channel: str, outcome: Outcome) -> None:
    """Keep in the log how a channel is doing, when that has changed."""
    if outcome.fate is Fate.TAKEN:
        log.info("alerts_told_again", channel=channel)
    else:
        log.error("alerts_not_told", channel=channel, fate=outcome.fate.value, why=outcome.detail)
