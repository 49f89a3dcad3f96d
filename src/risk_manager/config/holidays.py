"""holidays.yaml: days without a session, and days on which sessions end early."""

from collections.abc import Sequence
from datetime import date, time
from typing import Annotated

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from risk_manager.config.document import Document
from risk_manager.config.problems import Problem, problems_of
from risk_manager.config.settings import ClockTime, Section
from risk_manager.core.model.trading_calendar import Holidays


def _iso_date(value: object) -> object:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValueError('write a date as "2026-12-25"') from None


class Holiday(Section):
    """One date: without `close` the session that would end on it does not take place."""

    date: Annotated[date, BeforeValidator(_iso_date)]
    close: ClockTime | None = None


_HOLIDAYS = TypeAdapter(tuple[Holiday, ...])


def holidays_of(document: Document) -> tuple[Holidays, list[Problem]]:
    """Read the body of holidays.yaml; an empty one knows no holidays."""
    try:
        entries = _HOLIDAYS.validate_python(document.body if document.body is not None else [])
    except ValidationError as error:
        return Holidays(), problems_of(error, model=Holiday, find=document.place)
    problems = [
        document.place((str(index), "date")).problem("this date is given twice")
        for index, entry in enumerate(entries)
        if entry.date in {earlier.date for earlier in entries[:index]}
    ]
    return _holidays(entries), problems


def _holidays(entries: Sequence[Holiday]) -> Holidays:
    early: dict[date, time] = {entry.date: entry.close for entry in entries if entry.close is not None}
    return Holidays(closed=frozenset(entry.date for entry in entries if entry.close is None), early_closes=early)
