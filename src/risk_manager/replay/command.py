"""`risk-manager replay`: tells, lists or checks what the engine decides in stories."""

import difflib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from risk_manager.core.decisions import Plan
from risk_manager.replay.player import play
from risk_manager.replay.script import Written, comparable, expected, write_plan
from risk_manager.replay.story import Story, StoryUnreadableError, read_story

Say = Callable[[str], object]
"""Takes one line for people, or for programs."""

DONE, DIFFERS, WRONG_USE = 0, 1, 2


def stories_in(path: Path) -> list[Path]:
    """List a story, or every story under a folder."""
    if path.is_dir():
        return sorted(path.rglob("*.yaml"))
    return [path]


def replay(path: Path, say: Say, complain: Say) -> int:
    """Tell people what the engine decides in each story."""
    return _each(path, complain, lambda story, plans: _tell(story, plans, say))


def replay_json(path: Path, say: Say, complain: Say) -> int:
    """Write one plan a line."""

    def write(_story: Story, plans: Sequence[Plan]) -> None:
        for plan in plans:
            say(json.dumps(write_plan(plan)))

    return _each(path, complain, write)


def check(path: Path, say: Say, complain: Say) -> int:
    """Compare with what the stories expect; show a diff for each that differs, and a summary."""
    passed = failed = 0
    for one in stories_in(path):
        try:
            difference = check_story(one)
        except StoryUnreadableError as error:
            difference = [str(error)]
        if difference:
            failed += 1
            complain(f"FAILED {one}")
            for line in difference:
                complain(f"  {line}")
        else:
            passed += 1
    if passed + failed == 0:
        complain(f"{path}: no story there")
        return WRONG_USE
    say(f"{passed} passed, {failed} failed")
    return DIFFERS if failed else DONE


def check_story(path: Path) -> list[str]:
    """Return the lines in which what the engine decides differs from what a story expects; none when it agrees."""
    story = read_story(path)
    if story.expect is None:
        raise StoryUnreadableError(f"{path}: says nothing of what it expects")
    wanted, found = _lines(expected(story)), _lines(comparable(play(story)))
    return list(difflib.unified_diff(wanted, found, "expected", "decided", lineterm="", n=0))


def _each(path: Path, complain: Say, use: Callable[[Story, Sequence[Plan]], None]) -> int:
    stories = stories_in(path)
    if not stories:
        complain(f"{path}: no story there")
        return WRONG_USE
    for one in stories:
        try:
            story = read_story(one)
            use(story, play(story))
        except StoryUnreadableError as error:
            complain(str(error))
            return WRONG_USE
    return DONE


def _tell(story: Story, plans: Sequence[Plan], say: Say) -> None:
    say(f"{story.path.name}: {story.about}")
    if not plans:
        say("  nothing to be done")
    for plan in plans:
        mode = " (shadow: nothing is done)" if plan.shadow else ""
        say(f"  {plan.at.isoformat()} account {plan.account_id}{mode}")
        for decision in plan.decisions:
            say(f"    {decision.rule}: {decision.reason}")
        for action in write_plan(plan)["do"]:
            details = " ".join(f"{key}={value}" for key, value in action.items() if key != "do")
            say(f"      → {action['do']} {details}".rstrip())


def _lines(plans: Sequence[Written]) -> list[str]:
    return [json.dumps(plan, sort_keys=True) for plan in plans]
