"""The command `risk-manager`: each command opens a door in a room below."""

# ruff: noqa: PLC0415 - a command loads only the rooms that it needs; the daemon must stay small
# ruff: noqa: T201 - this is where the program speaks to people

import argparse
import functools
import getpass
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from risk_manager import __version__

if TYPE_CHECKING:
    from risk_manager.config.files import Home

DONE, NO, WRONG_USE, OUT_OF_REACH = 0, 1, 2, 3
"""Exit codes: done; the answer is no; wrong usage or a refused configuration; cannot reach what it needs."""

_NO_ARGUMENTS: Callable[[argparse.ArgumentParser], None] = lambda parser: None  # noqa: ARG005, E731 - a default


def _init(options: argparse.Namespace) -> int:
    from risk_manager.config.sample import write_samples
    from risk_manager.store.database import open_database

    home = _home(options)
    written = write_samples(home)
    open_database(home.database).close()
    for path in written:
        print(f"wrote {path}")
    print(f"Home: {home.folder}. Nothing that was there has been changed." if not written else f"Home: {home.folder}")
    print("Next: put your account into accounts.yaml, then `risk-manager check`.")
    return DONE


def _check(options: argparse.Namespace) -> int:
    from risk_manager.daemon.commitment.outlook import check

    return DONE if check(_home(options), print) else NO


def _locate(options: argparse.Namespace) -> int:
    for name, path in _home(options).located():
        print(f"{name:15} {path}{'' if path.exists() else '  (not there)'}")
    return DONE


def _hide_keys(options: argparse.Namespace) -> int:
    from risk_manager.admin.one_admin import one_admin
    from risk_manager.config.key_hiding import hide_keys

    home = _home(options)
    with one_admin(home):
        names = hide_keys(home)
    for name in names:
        print(f"encrypted; accounts.yaml now says secret:{name}")
    if not names:
        print("no key stands in the clear")
    return DONE


def _store_key_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="the name that accounts.yaml gives it: secret:NAME")


def _store_key(options: argparse.Namespace) -> int:
    from risk_manager.config.secrets import SecretVault

    home = _home(options)
    home.create_folders()
    value = getpass.getpass("API key (not shown): ") if sys.stdin.isatty() else sys.stdin.readline()
    if not value.strip():
        print("no key given; nothing stored", file=sys.stderr)
        return WRONG_USE
    SecretVault(home).store(options.name, value.strip())
    print(f"stored; write `api_key: secret:{options.name}` in accounts.yaml")
    return DONE


def _run(options: argparse.Namespace) -> int:
    from risk_manager.daemon.bootstrap import run

    return run(_home(options))


def _status_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs: the local API's snapshot")
    parser.add_argument("--check", action="store_true", help="exit code 1: something is amiss; 3: no daemon answers")


def _status(options: argparse.Namespace) -> int:
    import asyncio

    from risk_manager.daemon.clock import SystemClock
    from risk_manager.daemon.commitment.outlook import port_of
    from risk_manager.daemon.telling.last_known import last_known
    from risk_manager.dashboard.status_view import as_json, as_text, how_it_is, just_looked, status

    home = _home(options)
    return asyncio.run(
        status(
            now=SystemClock().now,
            write=print,
            port=port_of(home),
            render=as_json if options.json else as_text,
            stored=lambda: last_known(home),
            verdict=how_it_is if options.check else just_looked,
        )
    )


def _trader_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--account", type=int, metavar="ID", help="the account to begin with")


def _trader(options: argparse.Namespace) -> int:
    from risk_manager.daemon.clock import SystemClock
    from risk_manager.daemon.commitment.outlook import port_of
    from risk_manager.daemon.interpreter import leave_what_lasts, prefer_the_loop
    from risk_manager.daemon.telling.last_known import last_known
    from risk_manager.dashboard.app import open_screen

    home = _home(options)
    prefer_the_loop()
    leave_what_lasts()
    open_screen(
        now=SystemClock().now,
        port=port_of(home),
        account_id=options.account,
        last_known=lambda: last_known(home),
    )
    return DONE


def _admin_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="WORDS", help="what to do; `admin rules --help` …")


def _admin(options: argparse.Namespace) -> int:
    from risk_manager.admin.command import main as administer

    complain = functools.partial(print, file=sys.stderr)
    return administer(options.home, options.words, say=functools.partial(print, flush=True), complain=complain)


def _replay_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", type=Path, metavar="STORY|DIR", help="a story, or a folder of stories")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one plan a line")
    form.add_argument("--check", action="store_true", help="compare with what the stories expect")


def _replay(options: argparse.Namespace) -> int:
    from risk_manager.replay import command

    play = command.check if options.check else command.replay_json if options.json else command.replay
    return play(options.path, print, lambda line: print(line, file=sys.stderr))


def _gateway_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed walks the same prices")
    parser.add_argument("--script", type=Path, metavar="FILE", help="the steps of a scripted trader, YAML or JSON")


def _gateway(options: argparse.Namespace) -> int:
    from risk_manager.simulator.venue import main as serve

    return serve(port=options.port, seed=options.seed, script=options.script)


def _demo_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="tell the story line by line, and end by itself")
    parser.add_argument("--seconds", type=float, default=30, help="how long the story may take (default 30)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed walks the same prices")


def _demo(options: argparse.Namespace) -> int:
    from risk_manager.demo.command import demo, demo_on_screen

    if options.headless or not sys.stdout.isatty():
        return demo(seconds=options.seconds, seed=options.seed, say=functools.partial(print, flush=True))
    return demo_on_screen(seconds=options.seconds, seed=options.seed)


@dataclass(frozen=True, slots=True)
class Command:
    """One word of the command line; `arguments` adds what it takes beside `--home`."""

    name: str
    run: Callable[[argparse.Namespace], int]
    summary: str
    example: str
    arguments: Callable[[argparse.ArgumentParser], None] = _NO_ARGUMENTS


COMMANDS = (
    Command("init", _init, "write a commented sample configuration, create the database", "init --home ~/risk"),
    Command("check", _check, "read all configuration: name every problem, or what is enforced", "check"),
    Command("run", _run, "watch the accounts, in the foreground; Ctrl-C stops", "run --home ~/risk"),
    Command("status", _status, "one look at the daemon", "status --json", _status_arguments),
    Command("trader", _trader, "the trader's screen", "trader --account 123456", _trader_arguments),
    Command("admin", _admin, "all that needs the admin password; a menu", "admin rules list", _admin_arguments),
    Command(
        "replay", _replay, "tell what the engine decides in stories", "replay tests/stories --check", _replay_arguments
    ),
    Command(
        "gateway", _gateway, "the simulated TopstepX alone, for any client", "gateway --port 8080", _gateway_arguments
    ),
    Command(
        "demo",
        _demo,
        "a simulated venue, a trader who breaks rules, and the daemon",
        "demo --headless",
        _demo_arguments,
    ),
    Command("locate", _locate, "tell where every file is", "locate"),
    Command("hide-keys", _hide_keys, "encrypt the API keys that stand in accounts.yaml in the clear", "hide-keys"),
    Command(
        "store-key",
        _store_key,
        "encrypt an API key, typed unseen or read from standard input",
        "store-key trader",
        _store_key_arguments,
    ),
)


def _home(options: argparse.Namespace) -> "Home":
    from risk_manager.config.files import home_at

    return home_at(options.home)


def parser() -> argparse.ArgumentParser:
    """Build the command line out of `COMMANDS`."""
    whole = argparse.ArgumentParser(prog="risk-manager", description="Enforces your own risk rules on TopstepX.")
    whole.add_argument("--version", action="version", version=f"risk-manager {__version__}")
    words = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for command in COMMANDS:
        word = words.add_parser(
            command.name,
            help=command.summary,
            description=command.summary[0].upper() + command.summary[1:] + ".",
            epilog=f"example: risk-manager {command.example}",
        )
        word.add_argument("--home", metavar="DIR", help="the home folder (else RISK_MANAGER_HOME, else the platform's)")
        command.arguments(word)
        word.set_defaults(run=command.run)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what goes wrong is told in one line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a console or pipe of an old code page shows a ? and goes on
    options = parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        return NO
    except BrokenPipeError:
        return DONE  # the reader has seen enough
    except Exception as error:  # noqa: BLE001 - an entry point: people get one line, never a traceback
        print(f"risk-manager {options.command}: {_one_line(error)}", file=sys.stderr)
        return OUT_OF_REACH


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
