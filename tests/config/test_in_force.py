"""The configuration in force: what is held in the place of what is written."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from risk_manager.config.configuration import Configuration, load
from risk_manager.config.in_force import in_force, with_mode
from risk_manager.config.login_terms import Login
from risk_manager.config.terms import Held, Route, Terms
from risk_manager.core.policy import Policy
from risk_manager.core.rule import RuleMode
from tests.daemon.fake_venue import ACCOUNT
from tests.daemon.stage import home_with

OTHER = ACCOUNT + 1


def written(folder: Path, rules: str = "") -> Configuration:
    return load(home_with(folder, rules=rules), environ={"KEY": "k"})


def test_where_nothing_is_held_back_it_is_what_is_written(tmp_path: Path) -> None:
    files = written(tmp_path, "rules: {max_contracts: {limit: 3}}\n")
    held = {one: Held(terms) for one, terms in files.terms.items()}
    found = in_force(files, held, {})
    assert (found.accounts, found.policies, found.settings) == (files.accounts, files.policies, files.settings)


def test_policy_and_settings_are_those_that_are_held(tmp_path: Path) -> None:
    terms = Terms(
        policy=Policy(flatten_after=timedelta(seconds=9)), admin_may_clear=False, poll_every=timedelta(seconds=2)
    )
    found = in_force(written(tmp_path), {ACCOUNT: Held(terms)}, {})
    settings = found.account_settings[ACCOUNT]
    assert found.policies[ACCOUNT] == terms.policy
    assert not settings.lockouts.admin_may_clear
    assert (settings.feed.poll_every, settings.feed.flatten_after) == (timedelta(seconds=2), timedelta(seconds=9))


def test_an_account_that_is_not_listed_any_more_is_there_with_its_key_and_not_without(tmp_path: Path) -> None:
    terms = Terms(policy=Policy(), login=Login("trader", "0123"), route=Route("Old", "env:KEY"))
    files = written(tmp_path)
    held = {ACCOUNT: Held(files.terms[ACCOUNT]), OTHER: Held(terms)}
    found = in_force(files, held, {OTHER: "k"})
    (account,) = (one for one in found.enabled_accounts if one.account_id == OTHER)
    assert (account.username, account.nickname, account.api_key) == ("trader", "Old", "k")
    assert found.policies[OTHER] == terms.policy
    assert [one.account_id for one in in_force(files, held, {}).enabled_accounts] == [ACCOUNT]


def test_the_daemon_enforces_while_any_account_is_held_to_that(tmp_path: Path) -> None:
    files = written(tmp_path, "mode: shadow\n")
    shadow = files.terms[ACCOUNT]
    acting = replace(shadow, policy=replace(shadow.policy, shadow=False, strict=True))
    assert in_force(files, {ACCOUNT: Held(shadow)}, {}).settings.mode is RuleMode.SHADOW
    found = in_force(files, {ACCOUNT: Held(acting)}, {}).settings
    assert found.mode is RuleMode.ENFORCE
    assert found.strict_mode


def test_a_mode_can_be_laid_over_the_files(tmp_path: Path) -> None:
    files = with_mode(written(tmp_path), RuleMode.SHADOW)
    assert files.policies[ACCOUNT].shadow
    assert files.settings.mode is files.account_settings[ACCOUNT].mode is RuleMode.SHADOW
    assert not with_mode(files, RuleMode.ENFORCE).policies[ACCOUNT].shadow
