"""The channels that people are told over: tried one by one."""

import asyncio

from risk_manager.admin.office import NO, OUT_OF_REACH, NotDoneError, Office
from risk_manager.alerts.channels import TELEGRAM, opened
from risk_manager.alerts.trial import Trial, try_all
from risk_manager.config.alerts import AlertChannel
from risk_manager.config.configuration import load
from risk_manager.config.problems import ConfigurationRefusedError


def try_channels(office: Office, *, telegram_at: str = TELEGRAM) -> None:
    """Send a test message over every channel of the files, and tell for each what came of it."""
    try:
        channels = load(office.home, environ=office.environ).alerts
    except ConfigurationRefusedError as refused:
        raise NotDoneError(f"the configuration has problems: {refused.problems[0]}") from None
    if not channels:
        raise NotDoneError("no channel is configured; see alerts: in risk_config.yaml and docs/alerts.md", NO)
    trials = asyncio.run(_try(office, channels, telegram_at))
    for trial in trials:
        office.say(str(trial))
    failed = [trial.channel for trial in trials if not trial.is_told]
    if failed:
        raise NotDoneError(f"not told over {', '.join(failed)}", OUT_OF_REACH)


async def _try(office: Office, channels: tuple[AlertChannel, ...], telegram_at: str) -> list[Trial]:
    return await try_all(opened(channels, telegram_at=telegram_at), at=office.clock.now())
