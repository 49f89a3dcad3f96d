"""Every action of the admin, and how it is given: on the command line, and through the menu."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from risk_manager.admin.words import parser

Answer = str | bool
"""What is answered: the beginning of a choice, a text, or yes and no."""

RULES, ACCOUNTS = "risk_config.yaml", "accounts.yaml"
NO_DAEMON = "daemon does not answer"
DEED = {"rules": ("Rules", "on      daily_realized_loss"), "accounts": ("Accounts",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: what a command is given besides its words, and the ways to it through the menu.

    `wrong`: arguments that are not allowed, each with what is told (none: it takes no value). `down`: what is told
    while the daemon is. `writes`: the file that is changed, and that somebody else may change meanwhile. `asks`: what
    a person at a terminal answers, who gives nothing but what the command cannot do without.
    """

    words: Sequence[str] = ()
    lines: Sequence[str] = ()
    wrong: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    down: str
    writes: str = ""
    asks: Sequence[Answer] = ()
    menu: Sequence[Answer] = ()
    menu_wrong: tuple[Sequence[Answer], str] | None = None


HOLDS_LATER = "it will hold from its next start"
IN_RULES, IN_ACCOUNTS = DEED["rules"], DEED["accounts"]
UNKNOWN_RULE: Mapping[tuple[str, ...], str] = {("max_contract",): "did you mean max_contracts?"}
UNKNOWN_ACCOUNT: Mapping[tuple[str, ...], str] = {("9",): "no account 9 is in accounts.yaml"}
LIMIT = (*IN_RULES, "change a setting", "loss_limit")

ACTIONS: dict[str, Action] = {
    "rules list": Action(down="daily_realized_loss", menu=("Rules", "back")),
    "rules show": Action(
        words=["daily_realized_loss"], wrong=UNKNOWN_RULE, down="loss_limit: 800", menu=(*IN_RULES, "back")
    ),
    "rules set": Action(
        words=["daily_realized_loss.loss_limit", "400"],
        wrong={
            ("max_contracts.limit", "many"): "would not be allowed",
            ("max_contracts.limt", "1"): "did you mean limit?",
        },
        down=HOLDS_LATER,
        writes=RULES,
        menu=(*LIMIT, "400", True),
        menu_wrong=((*LIMIT, "much", True), "would not be allowed"),
    ),
    "rules enable": Action(
        words=["symbol_blocks"],
        wrong=UNKNOWN_RULE,
        down=HOLDS_LATER,
        writes=RULES,
        menu=("Rules", "off     symbol_blocks", "enable"),
    ),
    "rules disable": Action(
        words=["max_contracts"], wrong=UNKNOWN_RULE, down=HOLDS_LATER, writes=RULES, menu=(*IN_RULES, "disable")
    ),
    "rules shadow": Action(
        words=["max_contracts"], wrong=UNKNOWN_RULE, down=HOLDS_LATER, writes=RULES, menu=(*IN_RULES, "shadow")
    ),
    "rules pending": Action(down="Nothing waits", menu=("Rules", "changes that wait")),
    "rules cancel": Action(
        wrong={("no.such.change",): "the daemon is not running"},
        down="the daemon is not running",
        menu=("Rules", "changes that wait", "account 1001: daily_realized_loss.loss_limit"),
    ),
    "accounts list": Action(down="watched  1001  Main", menu=(*IN_ACCOUNTS, "back")),
    "accounts add": Action(
        words=["--username", "trader", "--account-id", "1003"],
        wrong={
            ("--username", "trader", "--account-id", "77"): "77 is not at this login",
            ("--username", "trader", "--account-id", "1001"): "in accounts.yaml already",
            ("--username", " ", "--account-id", "5"): "a username is needed",
        },
        down=HOLDS_LATER,
        writes=ACCOUNTS,
        asks=("trader", "", "Third"),
        menu=(*IN_ACCOUNTS, "add one", "trader", "", "Third"),
        menu_wrong=((*IN_ACCOUNTS, "add one", "stranger", "wrong-key"), "did not log us in"),
    ),
    "accounts edit": Action(
        words=["1001", "--nickname", "Other"],
        wrong={("1001",): "say what to edit", ("9", "--nickname", "x"): "no account 9"},
        down=HOLDS_LATER,
        writes=ACCOUNTS,
        menu=(*IN_ACCOUNTS, "give one another name", "Main", "Other"),
        menu_wrong=((*IN_ACCOUNTS, "give a login another key", "Main", "wrong-key"), "refused the login"),
    ),
    "accounts pause": Action(
        words=["1001"],
        wrong=UNKNOWN_ACCOUNT,
        down=HOLDS_LATER,
        writes=ACCOUNTS,
        menu=(*IN_ACCOUNTS, "pause one", "Main"),
    ),
    "accounts resume": Action(
        words=["1002"],
        wrong=UNKNOWN_ACCOUNT,
        down=HOLDS_LATER,
        writes=ACCOUNTS,
        menu=(*IN_ACCOUNTS, "watch one again", "Combine"),
    ),
    "accounts remove": Action(
        words=["1001"],
        wrong=UNKNOWN_ACCOUNT,
        down=HOLDS_LATER,
        writes=ACCOUNTS,
        asks=(True,),
        menu=(*IN_ACCOUNTS, "remove one", "Main", True),
    ),
    "accounts test": Action(wrong={("9",): "no account 9"}, down="ok     login", menu=("Test the connection",)),
    "lockouts list": Action(down="nothing is known of locks", menu=("Lockouts",)),
    "lockouts clear": Action(
        words=["admin", "--account", "1001"],
        wrong={("no_such_rule", "--account", "1001"): "nothing was done"},
        down="nothing was done",
        menu=("Lockouts", "Main (1001): admin"),
    ),
    "lock-now": Action(
        wrong={("--until", "tomorrow"): "write reset, a duration", ("--account", "9"): "nothing was done"},
        down="nothing was done",
        menu=("Lock now", "all accounts", "until cleared", True),
    ),
    "password": Action(
        lines=["another pass", "another pass"],
        down="The password is set.",
        asks=("another pass", "another pass"),
        menu=("Change the admin password", "another pass", "another pass"),
        menu_wrong=(("Change the admin password", "another pass", "another past"), "not the same"),
    ),
    "reload": Action(down=NO_DAEMON, menu=("Have the daemon",)),
    "alerts test": Action(down="no channel is configured", menu=("Send a test message",)),
    "logs": Action(down="nothing at level info or above", menu=("Logs", "info")),
    "metrics": Action(down=NO_DAEMON, menu=("Live numbers",)),
    "backup": Action(
        words=["{folder}/risk.zip"],
        wrong={("{folder}/taken",): "is there already"},
        down="Wrote",
        menu=("Backup", "{folder}/risk.zip"),
        menu_wrong=(("Backup", "{folder}/taken"), "is there already"),
    ),
    "restore": Action(
        words=["{folder}/saved.zip"],
        wrong={("{folder}/absent.zip",): "there is no", ("{folder}/taken",): "damaged"},
        down="Restored from",
        menu=("Restore a backup", "{folder}/saved.zip", True),
        menu_wrong=(("Restore a backup", "{folder}/absent.zip", True), "there is no"),
    ),
    "setup": Action(
        words=["--username", "trader", "--account-id", "1003", "--mode", "enforce", "--loss-limit", "400"],
        wrong={("--username", "trader", "--account-id", "77"): "77 is not at this login"},
        down="Done. Start the protection",
        writes=ACCOUNTS,
        asks=(True, "trader", "", "Third", "400", "act"),
    ),
}
ALSO_IN_THE_MENU: Sequence[Sequence[Answer]] = [
    ("Logs", "write more", "debug"),
    (*IN_ACCOUNTS, "give a login another key", "Main", "simulated-key"),
]
"""Second ways to an action."""
ONLY_WITH_THE_DAEMON = {"rules cancel": 2, "lockouts clear": 1}
"""What there is nothing to choose from without the daemon, with the answers that lead there."""
NOT_IN_THE_MENU = {"setup": "it is for a home in which there is nothing yet; the menu does each of its steps"}


def spoken(at: argparse.ArgumentParser | None = None, *words: str) -> Iterator[str]:
    """List every command that the parser knows."""
    at = at or parser()
    inner = [one for one in at._actions if isinstance(one, argparse._SubParsersAction)]
    if not inner:
        yield " ".join(words)
    for group in inner:
        for name, one in group.choices.items():
            yield from spoken(one, *words, name)


def stands_for_any(question: str, words: str) -> bool:
    """Tell whether a choice is one of many of its kind, such as a rule or an account."""
    if question == "Which rule":
        return words.partition(" ")[0] in ("on", "off", "shadow")
    return question.startswith(("Which", "Lock which", "How long", "From which", "End which", "Let which")) or (
        question == "What of them" and "and worse" in words
    )


class CtrlC(KeyboardInterrupt):
    """No answer is left."""


class Typist:
    """Gives one answer after the other; after the last comes Ctrl-C."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._left = list(answers)
        self.open_question: tuple[str, list[str]] = ("", [])
        self.first_open: tuple[str, list[str]] | None = None
        self.way: list[str] = []
        self.offered: list[str] = []

    def secret(self, question: str) -> str:
        return str(self._next(question, []))

    def text(self, question: str, *, suggested: str = "") -> str:
        return str(self._next(question, [])) or suggested

    def choose(self, question: str, choices: Sequence[tuple[str, Any]]) -> Any:
        answer = str(self._next(question, [words for words, _ in choices]))
        self.offered += [words for words, _ in choices]
        words, chosen = next(one for one in choices if one[0].startswith(answer))
        self.way.append("*" if stands_for_any(question, words) else words)
        return chosen

    def agrees(self, question: str) -> bool:
        return self._next(question, []) is True

    def _next(self, question: str, choices: list[str]) -> Answer:
        self.open_question = (question, choices)
        if not self._left:
            self.first_open = self.first_open or self.open_question
            raise CtrlC
        return self._left.pop(0)
