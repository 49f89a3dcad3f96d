"""`python do.py kills`: the whole matrix, point by point."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from trials.kills.matrix import QUICK, SLOW, die_at, every_point, undisturbed
from trials.kills.mortal import Moment, Point
from trials.kills.nursery import Nursery, nursery

FIRST_DEATHS = (Moment.REQUEST, Moment.REPLY)
"""Of a life that ends at one of these moments, the next is killed at each of its requests too (`--twice`)."""


def main(arguments: Sequence[str]) -> int:
    """Play every story; 0 when each ended as the undisturbed one."""
    parser = argparse.ArgumentParser(prog="do.py kills", description=__doc__)
    parser.add_argument("--moment", type=Moment, choices=list(Moment), action="append", help="only these moments")
    parser.add_argument("--at", type=_point, action="append", help="one story, with lives that end here: request:7")
    parser.add_argument("--fill-latency", type=float, action="append", help="seconds that a fill takes (default: both)")
    parser.add_argument("--twice", action="store_true", help="kill the second life at each of its requests too")
    return asyncio.run(_play(parser.parse_args(arguments)))


def _point(text: str) -> Point:
    try:
        return Point.of(text)
    except ValueError:
        moments = ", ".join(map(str, Moment))
        raise argparse.ArgumentTypeError(f"{text} is no point: name one as request:7 is, of {moments}") from None


async def _play(wanted: argparse.Namespace) -> int:
    failed = stories = 0
    async with nursery() as cradle:
        for latency in wanted.fill_latency or (QUICK, SLOW):
            for moment in wanted.moment or list(Moment):
                played, wrong = await _column(cradle, moment, latency, wanted)
                stories, failed = stories + played, failed + wrong
                if wanted.at:
                    break
    print(f"kills: {stories} stories with a death, {failed} of them ended otherwise than without")
    return 1 if failed else 0


async def _column(cradle: Nursery, moment: Moment, latency: float, wanted: argparse.Namespace) -> tuple[int, int]:
    """Play one kind of moment through; return how many stories had a death, and how many of them went wrong."""
    expected = await undisturbed(cradle, fill_latency=latency)
    stories = failed = 0
    leads: list[tuple[Point, ...]] = [()]
    while leads:
        lead = leads.pop()
        if wanted.at:
            outcomes = [await die_at(cradle, wanted.at, expected=expected, fill_latency=latency)]
        else:
            every = every_point(cradle, moment, expected=expected, fill_latency=latency, lead=lead)
            outcomes = [outcome async for outcome in every]
        for outcome in outcomes:
            stories += outcome.died > 0
            failed += bool(outcome.differences)
            for difference in outcome.differences:
                print(f"FAILED {', '.join(map(str, outcome.points))}, a fill takes {latency} s: {difference}")
        if wanted.twice and not lead and moment in FIRST_DEATHS:
            leads += [outcome.points for outcome in outcomes if outcome.died]
        print(
            f"{moment} after {', '.join(map(str, lead)) or 'nothing'}, a fill takes {latency} s: "
            f"{len(outcomes)} stories, {sum(bool(one.differences) for one in outcomes)} wrong",
            flush=True,
        )
    return stories, failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
