"""What is in force and of no single account, written down: a start whose files are broken goes by it."""

from collections.abc import Iterable, Mapping
from typing import Any

from risk_manager.config.accounts import Gateway
from risk_manager.config.alerts import AlertChannel, channels_of, clear_name
from risk_manager.config.configuration import Configuration
from risk_manager.config.document import Document
from risk_manager.config.held_record import kept_as
from risk_manager.config.problems import Problem
from risk_manager.config.secrets import SecretVault
from risk_manager.config.settings import Settings
from risk_manager.core.rule import RuleMode

Plain = dict[str, Any]
_OF_THE_DAEMON = ("local_api", "metrics", "logs")


def write_general(configuration: Configuration) -> Plain:
    """Write down addresses, ports, logs and channels; a secret only by its name."""
    return {
        "gateway": configuration.gateway.model_dump(),
        "settings": configuration.settings.model_dump(mode="json", include=set(_OF_THE_DAEMON)),
        "alerts": [_channel(one) for one in configuration.alerts],
    }


def read_general(
    written: Mapping[str, Any], *, vault: SecretVault, environ: Mapping[str, str], broken: Iterable[Problem]
) -> Configuration:
    """Make a configuration without accounts, to which those that are held are added; raise `ValueError`, `KeyError`.

    A channel whose secret cannot be had any more is left out, and named among what is broken.
    """
    settings: Plain = {name: written["settings"][name] for name in _OF_THE_DAEMON}
    alerts = channels_of(Document("as last in force", {"alerts": written["alerts"]}), vault=vault, environ=environ)
    return Configuration(
        gateway=Gateway.model_validate(written["gateway"]),
        accounts=(),
        settings=Settings.model_validate({**settings, "mode": RuleMode.SHADOW}),  # whoever is held decides it
        account_settings={},
        policies={},
        alerts=tuple(alerts.channels),
        broken=(*broken, *alerts.problems),
    )


def _channel(channel: AlertChannel) -> Plain:
    written: Plain = {
        "kind": channel.kind.value,
        "name": channel.name,
        "on": sorted(kind.value for kind in channel.on),
    }
    for key, secret in {"url": channel.url, "token": channel.token}.items():
        if secret:
            written[key] = channel.references.get(key, f"secret:{kept_as(clear_name(channel.name, key))}")
    return {**written, "chat_id": channel.chat_id} if channel.chat_id else written
