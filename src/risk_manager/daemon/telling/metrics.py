"""The daemon's numbers as Prometheus takes them; loaded only where somebody asked for them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from risk_manager.local_api.messages import AccountStatus, Snapshot
from risk_manager.local_api.part_status import WELL

PREFIX = "risk_manager_"

Read = Callable[[], tuple[Snapshot, Mapping[str, Any]]]
"""Reads what screens are shown and `Vitals.told`; raises `TimeoutError` when the daemon is too busy."""


class Numbers(Collector):
    """What is collected at each scrape; nothing is counted twice, and nothing is kept here."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def collect(self) -> Iterator[Metric]:
        """Tell every number as it is now."""
        snapshot, vitals = self._read()
        yield InfoMetricFamily(
            f"{PREFIX}daemon",
            "The daemon's version, state and mode.",
            {"version": snapshot.daemon.version, "state": snapshot.daemon.state, "mode": snapshot.daemon.mode},
        )
        yield _parts(snapshot)
        yield from _machinery(vitals)
        yield from _accounts(snapshot.accounts)

    def describe(self) -> Iterator[Metric]:
        """Promise no names beforehand: at that time the daemon is not ready to be read."""
        return iter(())


def _parts(snapshot: Snapshot) -> Metric:
    family = GaugeMetricFamily(
        f"{PREFIX}part_well", "1 while a part is as it should be.", labels=["part", "login", "account", "subject"]
    )
    for part in snapshot.parts:
        account = "" if part.account_id is None else str(part.account_id)
        family.add_metric([part.name, part.login or "", account, part.subject], float(part.state == WELL))
    return family


def _machinery(vitals: Mapping[str, Any]) -> Iterator[Metric]:
    yield CounterMetricFamily(f"{PREFIX}events", "Events judged.", vitals["handled"])
    yield CounterMetricFamily(f"{PREFIX}events_failed", "Events that could not be judged.", vitals["failed"])
    yield GaugeMetricFamily(f"{PREFIX}events_waiting", "Events in the queue.", vitals["queue"])
    yield GaugeMetricFamily(f"{PREFIX}rows_waiting", "Rows not yet on the disk.", vitals["store_queue"])
    if vitals["memory_bytes"] is not None:
        yield GaugeMetricFamily(f"{PREFIX}memory_bytes", "Resident memory.", vitals["memory_bytes"])
    requests = GaugeMetricFamily(
        f"{PREFIX}requests_last_minute", "Requests sent in the last minute; the venue allows 200.", labels=["login"]
    )
    for login, used in vitals["requests_last_minute"].items():
        requests.add_metric([login], used)
    yield requests
    for name, label, words in (
        ("breaches", "rule", "Breaches by rule."),
        ("enforcements", "stage", "Stages of enforcements."),
    ):
        counted = CounterMetricFamily(f"{PREFIX}{name}", words, labels=[label])
        for key, number in vitals[name].items():
            counted.add_metric([key], number)
        yield counted
    for name, words in (("first_request", "first request"), ("proven", "proof of flat")):
        lengths = GaugeMetricFamily(
            f"{PREFIX}{name}_seconds", f"From the event to the {words}, latest 1000.", labels=["quantile"]
        )
        for quantile, length in vitals[f"{name}_ms"].items():
            lengths.add_metric([_QUANTILES[quantile]], length / 1000)
        yield lengths


_QUANTILES = {"p50": "0.5", "p95": "0.95", "p99": "0.99", "max": "1"}


def _accounts(accounts: tuple[AccountStatus, ...]) -> Iterator[Metric]:
    realized = GaugeMetricFamily(f"{PREFIX}realized_pnl_dollars", "The day's realized P&L.", labels=["account"])
    unrealized = GaugeMetricFamily(f"{PREFIX}unrealized_pnl_dollars", "Open P&L.", labels=["account"])
    locks = GaugeMetricFamily(f"{PREFIX}locks", "Locks in force.", labels=["account"])
    used = GaugeMetricFamily(
        f"{PREFIX}rule_utilization", "Measured by limit; 1 is a breach.", labels=["account", "rule", "subject"]
    )
    for account in accounts:
        label = str(account.id)
        if account.realized_pnl is not None:
            realized.add_metric([label], float(account.realized_pnl))
        if account.unrealized_pnl is not None:
            unrealized.add_metric([label], float(account.unrealized_pnl))
        locks.add_metric([label], len(account.locks))
        for rule in account.rules:
            if rule.utilization is not None:
                used.add_metric([label, rule.name, rule.subject], rule.utilization)
    yield from (realized, unrealized, locks, used)
