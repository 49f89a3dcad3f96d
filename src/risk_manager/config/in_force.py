"""The configuration that is in force: what the files say, but for what they must not yet change."""

from collections.abc import Mapping
from dataclasses import replace

from risk_manager.config.accounts import ConfiguredAccount
from risk_manager.config.configuration import Configuration
from risk_manager.config.login_terms import login_of
from risk_manager.config.settings import AccountSettings
from risk_manager.config.terms import Held, Terms
from risk_manager.config.writing import write_terms
from risk_manager.core.rule import RuleMode


def in_force(written: Configuration, held: Mapping[int, Held], keys: Mapping[int, str]) -> Configuration:
    """Put what is held in the place of what is written.

    `keys` are the API keys of the logins that accounts are held to. An account that has none there is watched with
    what the files say; where they name no key either it cannot be watched, and is left out.
    """
    watched = {one.account_id for one in written.enabled_accounts}
    stay = [one for one in held if one not in watched and one in keys]
    chosen = {one: held[one].terms for one in (*sorted(watched & held.keys()), *stay)}
    accounts = {one.account_id: one for one in written.accounts if one.api_key or not one.enabled}
    accounts |= {one: _account(one, accounts.get(one), held[one].terms, keys[one]) for one in chosen if one in keys}
    return replace(
        written,
        accounts=tuple(accounts.values()),
        settings=written.settings.model_copy(update=_modes(written, _deciding(written, held, chosen))),
        account_settings={**written.account_settings, **{one: _settings(terms) for one, terms in chosen.items()}},
        policies={**written.policies, **{one: terms.policy for one, terms in chosen.items()}},
    )


def with_mode(written: Configuration, mode: RuleMode) -> Configuration:
    """Put every account into a mode, as if the files said so."""
    is_shadow = mode is RuleMode.SHADOW
    return replace(
        written,
        settings=written.settings.model_copy(update={"mode": mode}),
        account_settings={
            one: settings.model_copy(update={"mode": mode}) for one, settings in written.account_settings.items()
        },
        policies={one: replace(policy, shadow=is_shadow) for one, policy in written.policies.items()},
    )


def _account(account_id: int, listed: ConfiguredAccount | None, terms: Terms, api_key: str) -> ConfiguredAccount:
    login = login_of(terms.login.username, api_key)
    if listed is not None and listed.enabled and login_of(listed.username, listed.api_key) == login:
        return listed
    return ConfiguredAccount(
        account_id=account_id,
        username=login.username,
        nickname=terms.route.nickname,
        api_key=api_key,
        key_reference=terms.route.key,
    )


def _settings(terms: Terms) -> AccountSettings:
    body = write_terms(terms)["body"]
    return AccountSettings.model_validate({key: value for key, value in body.items() if key != "rules"})


def _deciding(written: Configuration, held: Mapping[int, Held], chosen: Mapping[int, Terms]) -> Mapping[int, Terms]:
    """Name the terms that decide the daemon's mode: over broken files those of accounts without a key too."""
    return {one: of.terms for one, of in held.items()} if written.broken else chosen


def _modes(written: Configuration, chosen: Mapping[int, Terms]) -> dict[str, object]:
    """Tell the modes of the whole daemon: it enforces while any account is held to that."""
    policies = [terms.policy for terms in chosen.values()]
    acts = written.settings.mode is RuleMode.ENFORCE or any(not policy.shadow for policy in policies)
    is_strict = written.settings.strict_mode or (bool(policies) and all(policy.strict for policy in policies))
    return {"mode": RuleMode.ENFORCE if acts else RuleMode.SHADOW, "strict_mode": is_strict}
