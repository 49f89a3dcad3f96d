"""The words of the admin's command line, each with its deed."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from risk_manager.admin import accounts, alerts, backup, changes, lockouts, log_view, metrics_view, pending, rules
from risk_manager.admin.office import WRONG_USE, NotDoneError, Office
from risk_manager.admin.setup import set_up

Deed: TypeAlias = Callable[[Office, argparse.Namespace], None]
# argparse gives its subparsers no public name
_Words: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - as said
_Add: TypeAlias = Callable[..., argparse.ArgumentParser]

_EPILOG = "The admin password is asked for, or read from standard input (its first line). Without words: the menu."


def parser() -> argparse.ArgumentParser:
    """Build the words."""
    home = argparse.ArgumentParser(add_help=False)
    home.add_argument("--home", metavar="DIR", default=None, help="the home folder")
    whole = argparse.ArgumentParser(prog="risk-manager admin", description="Everything behind the password.")
    whole.epilog = _EPILOG
    whole.set_defaults(home=None)
    words = whole.add_subparsers(metavar="WORD")

    def add(within: _Words, name: str, deed: Deed, summary: str, example: str) -> argparse.ArgumentParser:
        word: argparse.ArgumentParser = within.add_parser(
            name,
            parents=[home],
            help=summary,
            description=summary,
            epilog=f"example: risk-manager admin {example}",
        )
        word.set_defaults(deed=deed)
        return word

    _rule_words(_group(words, "rules", "look at the rules and change them"), add)
    _account_words(_group(words, "accounts", "add, edit, pause, remove, list, test"), add)
    locks = _group(words, "lockouts", "look at locks, end one")
    add(locks, "list", lambda office, _: lockouts.list_locks(office), "every lock", "lockouts list")
    word = add(locks, "clear", _clear, "end locks, where lockouts.admin_may_clear allows it", "lockouts clear")
    word.add_argument("rule", nargs="?", metavar="RULE", help="whose locks; all, if not given")
    word.add_argument("--account", type=int, metavar="ID")
    word.add_argument("--root", metavar="ROOT", help="only of this instrument")
    word = add(words, "lock-now", _lock_now, "close everything and lock at once", "lock-now --until 2h")
    word.add_argument("--account", type=int, metavar="ID", help="one account; all, if not given")
    word.add_argument("--until", metavar="WHEN", help="reset, a duration (2h), or an instant with its zone")
    add(words, "password", _password, "change the admin password", "password")
    add(words, "reload", lambda office, _: changes.reload(office), "have the daemon read the files again", "reload")
    told = _group(words, "alerts", "the channels that people are told over")
    add(told, "test", lambda office, _: alerts.try_channels(office), "send a test message over each", "alerts test")
    _looking_words(words, add)
    word = add(words, "backup", _backup, "write configuration, database and encrypted keys to a zip", "backup risk.zip")
    word.add_argument("file", type=Path, metavar="FILE")
    word = add(words, "restore", _restore, "put a backup in the place of what is there", "restore risk.zip")
    word.add_argument("file", type=Path, metavar="FILE")
    word = add(words, "setup", _set_up, "from nothing to a protected account", "setup")
    _account_options(word)
    word.add_argument("--mode", choices=("enforce", "shadow"))
    word.add_argument("--loss-limit", metavar="DOLLARS", help="stop for the day at this loss")
    return whole


def _group(words: _Words, name: str, summary: str) -> _Words:
    group = words.add_parser(name, help=summary, description=summary)
    return group.add_subparsers(metavar="WORD", required=True)


def _rule_words(words: _Words, add: _Add) -> None:
    add(words, "list", lambda office, _: rules.list_rules(office), "every rule and what it protects from", "rules list")
    word = add(
        words, "show", _show, "the settings of a rule, what is allowed, what they do", "rules show max_contracts"
    )
    word.add_argument("name", metavar="NAME")
    example = "rules set daily_realized_loss.loss_limit 400"
    word = add(words, "set", _set, "change one setting; comments and layout of the file stay", example)
    word.add_argument("key", metavar="RULE.SETTING")
    word.add_argument("value", metavar="VALUE")
    word.add_argument("--account", type=int, metavar="ID", help="for this account only")
    for name, deed, summary in (
        ("enable", rules.enable, "let a rule act"),
        ("disable", rules.disable, "take a rule out of force; its settings stay"),
        ("shadow", rules.shadow, "let a rule only say what it would do"),
    ):
        word = add(words, name, _of_rule(deed), summary, f"rules {name} symbol_blocks")
        word.add_argument("name", metavar="NAME")

    add(words, "pending", lambda office, _: pending.list_pending(office), "changes that wait", "rules pending")
    example = "rules cancel daily_realized_loss.loss_limit --account 123456"
    word = add(words, "cancel", _cancel, "let a change that waits never come", example)
    word.add_argument("what", nargs="?", metavar="WHAT", help="as `rules pending` names it; all, if not given")
    word.add_argument("--account", type=int, metavar="ID", help="of this account only")


def _cancel(office: Office, options: argparse.Namespace) -> None:
    pending.cancel(office, options.what, account_id=options.account)


def _of_rule(deed: Callable[[Office, str], None]) -> Deed:
    return lambda office, options: deed(office, options.name)


def _account_words(words: _Words, add: _Add) -> None:
    add(words, "list", lambda office, _: accounts.list_accounts(office), "every account", "accounts list")
    example = "accounts add --username trader --account-id 123456"
    word = add(words, "add", _add_account, "add an account; its key is typed unseen and tried at once", example)
    _account_options(word)
    word = add(words, "edit", _edit, "give an account another name, or its login another key", "accounts edit 7 --key")
    word.add_argument("id", type=int, metavar="ID")
    word.add_argument("--nickname", metavar="NAME")
    word.add_argument("--key", action="store_true", help="ask for a new API key")
    for name, deed, summary in (
        (
            "pause",
            lambda office, one: accounts.switch(office, one.id, enabled="false"),
            "list an account, leave it alone",
        ),
        ("resume", lambda office, one: accounts.switch(office, one.id, enabled="true"), "watch a paused account again"),
        ("remove", lambda office, one: accounts.remove_account(office, one.id), "take an account off the list"),
    ):
        add(words, name, deed, summary, f"accounts {name} 7").add_argument("id", type=int, metavar="ID")
    word = add(words, "test", _test, "go the way to the venue step by step", "accounts test 123456")
    word.add_argument("id", type=int, nargs="?", metavar="ID")


def _account_options(word: argparse.ArgumentParser) -> None:
    word.add_argument("--username", metavar="NAME", help="the TopstepX username")
    word.add_argument("--account-id", type=int, metavar="ID")
    word.add_argument("--nickname", metavar="NAME")


def _looking_words(words: _Words, add: _Add) -> None:
    word = add(words, "logs", _logs, "the latest events of the logs", "logs --level warning --follow")
    word.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    word.add_argument("--level", choices=log_view.LEVELS, default="info", help="this serious or more (default info)")
    word.add_argument("--log", choices=log_view.NAMES, help="one log; daemon, enforcement and api, if not given")
    word.add_argument("--lines", type=int, default=50, metavar="N", help="how many (default 50)")
    word = add(words, "metrics", _metrics, "latency, queues, request budget, memory, breaches", "metrics --follow")
    word.add_argument("--follow", action="store_true", help="every two seconds, until Ctrl-C")


def _show(office: Office, options: argparse.Namespace) -> None:
    rules.show_rule(office, options.name)


def _set(office: Office, options: argparse.Namespace) -> None:
    rules.set_setting(office, options.key, options.value, account=options.account)


def _add_account(office: Office, options: argparse.Namespace) -> None:
    accounts.add(office, username=options.username, account_id=options.account_id, nickname=options.nickname)


def _edit(office: Office, options: argparse.Namespace) -> None:
    if options.nickname is None and not options.key:
        raise NotDoneError("say what to edit: --nickname NAME, or --key", WRONG_USE)
    if options.nickname is not None:
        accounts.edit(office, options.id, nickname=options.nickname)
    if options.key:
        accounts.replace_key(office, options.id)


def _test(office: Office, options: argparse.Namespace) -> None:
    accounts.test(office, options.id)


def _clear(office: Office, options: argparse.Namespace) -> None:
    lockouts.clear(office, account_id=options.account, rule=options.rule, root=options.root)


def _lock_now(office: Office, options: argparse.Namespace) -> None:
    lockouts.lock_now(office, account_id=options.account, until=options.until)


def _password(office: Office, _: argparse.Namespace) -> None:
    if office.is_new:
        return
    office.choose_password()
    changes.journal(office, changes.password_change())


def _logs(office: Office, options: argparse.Namespace) -> None:
    names = (options.log,) if options.log else log_view.NAMES[:3]
    try:
        log_view.show_logs(office, names=names, level=options.level, lines=max(options.lines, 1))
    except NotDoneError:
        if not options.follow:
            raise
    if options.follow:
        log_view.follow_logs(office, names=names, level=options.level)


def _metrics(office: Office, options: argparse.Namespace) -> None:
    if options.follow:
        metrics_view.follow_metrics(office, every=2)
    metrics_view.show_metrics(office)


def _backup(office: Office, options: argparse.Namespace) -> None:
    backup.backup(office, options.file)


def _restore(office: Office, options: argparse.Namespace) -> None:
    backup.restore(office, options.file)


def _set_up(office: Office, options: argparse.Namespace) -> None:
    set_up(
        office,
        username=options.username,
        account_id=options.account_id,
        nickname=options.nickname,
        mode=options.mode,
        loss_limit=options.loss_limit,
    )
