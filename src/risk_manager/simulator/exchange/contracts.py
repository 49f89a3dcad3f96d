"""The products the venue lists, with their months.

Tick sizes and values are those of the venue's public list of August 2026.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

MONTH_LETTERS = "FGHJKMNQUVXZ"
MOST_FOUND = 20


# root, code, tick size, tick value, opening price, delivery months, roll (months before delivery/day), text
_TABLE = """
ES EP 0.25 12.50 6500 HMUZ 0/10 E-mini S&P 500
NQ ENQ 0.25 5.00 23500 HMUZ 0/10 E-mini NASDAQ-100
RTY RTY 0.1 5.00 2300 HMUZ 0/10 E-mini Russell 2000
YM YM 1 5.00 45000 HMUZ 0/10 Mini-DOW
MES MES 0.25 1.25 6500 HMUZ 0/10 Micro E-mini S&P 500
MNQ MNQ 0.25 0.50 23500 HMUZ 0/10 Micro E-mini Nasdaq-100
M2K M2K 0.1 0.50 2300 HMUZ 0/10 Micro E-mini Russell 2000
MYM MYM 1 0.50 45000 HMUZ 0/10 Micro E-mini Dow Jones
NKD NKD 5 25.00 43000 HMUZ 0/8 Nikkei 225 (Dollar)
CL CLE 0.01 10.00 64 FGHJKMNQUVXZ 1/15 Crude Light
MCL MCLE 0.01 1.00 64 FGHJKMNQUVXZ 1/15 Micro Crude Oil
QM NQM 0.025 12.50 64 FGHJKMNQUVXZ 1/15 E-mini Crude Oil
NG NGE 0.001 10.00 3 FGHJKMNQUVXZ 1/22 Natural Gas (Henry Hub)
QG NQG 0.005 12.50 3 FGHJKMNQUVXZ 1/22 E-mini Natural Gas
MNG MNG 0.001 1.00 3 FGHJKMNQUVXZ 1/22 Micro Henry Hub Natural Gas
RB RBE 0.0001 4.20 2 FGHJKMNQUVXZ 1/25 RBOB Gasoline
HO HOE 0.0001 4.20 2.3 FGHJKMNQUVXZ 1/25 NY Harbor ULSD
GC GCE 0.1 10.00 3400 GJMQVZ 1/25 Gold
MGC MGC 0.1 1.00 3400 GJMQVZ 1/25 Micro Gold
SI SIE 0.005 25.00 38 HKNUZ 1/25 Silver
SIL SIL 0.005 5.00 38 HKNUZ 1/25 Micro Silver 1000 oz
HG CPE 0.0005 12.50 4.5 HKNUZ 1/25 Copper
MHG MHG 0.0005 1.25 4.5 HKNUZ 1/25 Micro Copper
PL PLE 0.1 5.00 1350 FJNV 1/25 Platinum
MBT MBT 5 0.50 110000 FGHJKMNQUVXZ 0/22 Micro Bitcoin
MET GMET 0.5 0.05 4300 FGHJKMNQUVXZ 0/22 Micro Ether
6E EU6 0.00005 6.25 1.165 HMUZ 0/12 Euro FX
6B BP6 0.0001 6.25 1.345 HMUZ 0/12 British Pound
6J JY6 0.0000005 6.25 0.0068 HMUZ 0/12 Japanese Yen
6A DA6 0.00005 5.00 0.645 HMUZ 0/12 Australian Dollar
6C CA6 0.00005 5.00 0.721 HMUZ 0/12 Canadian Dollar
6S SF6 0.00005 6.25 1.24 HMUZ 0/12 Swiss Franc
6N NE6 0.00005 5.00 0.582 HMUZ 0/12 New Zealand Dollar
6M MX6 0.00001 5.00 0.053 HMUZ 0/12 Mexican Peso
E7 EEU 0.0001 6.25 1.165 HMUZ 0/12 E-mini Euro FX
M6E M6E 0.0001 1.25 1.165 HMUZ 0/12 E-micro EUR/USD
M6A M6A 0.0001 1.00 0.645 HMUZ 0/12 E-micro AUD/USD
M6B M6B 0.0001 0.625 1.345 HMUZ 0/12 E-micro GBP/USD
ZT TUA 0.00390625 7.8125 104 HMUZ 1/25 2 Year US Treasury Note
ZF FVA 0.0078125 7.8125 109 HMUZ 1/25 5 Year US Treasury Note
ZN TYA 0.015625 15.625 112 HMUZ 1/25 10 Year US Treasury Note
TN TNA 0.015625 15.625 115 HMUZ 1/25 Ultra 10 Year US Treasury Note
ZB USA 0.03125 31.25 115 HMUZ 1/25 US Treasury Bond
UB ULA 0.03125 31.25 118 HMUZ 1/25 Ultra US Treasury Bond
ZC ZCE 0.25 12.50 400 HKNUZ 1/25 Corn
ZS ZSE 0.25 12.50 1040 FHKNQUX 1/25 Soybeans
ZW ZWA 0.25 12.50 520 HKNUZ 1/25 Wheat
ZL ZLE 0.01 6.00 53 FHKNQUVZ 1/25 Soybean Oil
ZM ZME 0.1 10.00 290 FHKNQUVZ 1/25 Soybean Meal
LE GLE 0.025 10.00 235 GJMQVZ 1/25 Live Cattle
HE HE 0.025 10.00 90 GJKMNQVZ 1/25 Lean Hogs
"""


@dataclass(frozen=True, slots=True)
class Contract:
    """One tradable month of a product; prices in points, `tick_value` in dollars."""

    id: str
    name: str
    display_name: str
    symbol_id: str
    root: str
    description: str
    tick_size: Decimal
    tick_value: Decimal
    opening_price: Decimal
    is_front: bool = True
    is_active: bool = True

    def pnl(self, points: Decimal, size: int) -> Decimal:
        """Dollars that `points` are worth for `size` contracts."""
        return points / self.tick_size * self.tick_value * size

    def is_on_tick(self, price: Decimal) -> bool:
        """Whether the price is a whole number of ticks."""
        return price % self.tick_size == 0

    def rounded(self, price: Decimal) -> Decimal:
        """The nearest price on the grid of ticks."""
        return (price / self.tick_size).to_integral_value() * self.tick_size


@dataclass(frozen=True, slots=True)
class Listing:
    """All contracts of one day: the front months, the months behind them, and the last expired ones."""

    by_id: dict[str, Contract]

    def available(self) -> list[Contract]:
        """The front month of every product."""
        return [contract for contract in self.by_id.values() if contract.is_front]

    def search(self, text: str) -> list[Contract]:
        """Active front months matching loosely on name, code or description: at most twenty.

        The venue's search is fuzzy: ES brings EP, but MES, FVA, JY6, MX6 and TYA as well.
        """
        wanted = text.strip().lstrip("/").upper()
        found = [c for c in self.available() if _resembles(c, wanted)]
        return found[:MOST_FOUND]

    def find(self, name: str) -> Contract | None:
        """The contract meant by a full id, a name like ESU6 or a root like ES; None when unknown."""
        if name in self.by_id:
            return self.by_id[name]
        wanted = name.lstrip("/").upper()
        for contract in self.by_id.values():
            if wanted in {contract.name, contract.display_name}:
                return contract
            if contract.is_front and wanted == contract.root:
                return contract
        return None


def listing(on: date) -> Listing:
    """What the venue lists on that day: per product the front month, the next, and the one just expired."""
    by_id: dict[str, Contract] = {}
    for line in _TABLE.strip().splitlines():
        for contract in _months_of(line, on):
            by_id[contract.id] = contract
    return Listing(by_id)


def _months_of(line: str, on: date) -> list[Contract]:
    root, code, tick_size, tick_value, opening, cycle, roll, description = line.split(" ", 7)
    months_before, day = (int(part) for part in roll.split("/"))
    deliveries = [(y, MONTH_LETTERS.index(m) + 1) for y in range(on.year - 1, on.year + 3) for m in cycle]
    front = next(i for i, (year, month) in enumerate(deliveries) if _roll_day(year, month, months_before, day) > on)
    model = Contract(
        id="",
        name="",
        display_name="",
        symbol_id=f"F.US.{code}",
        root=root,
        description=description,
        tick_size=Decimal(tick_size),
        tick_value=Decimal(tick_value),
        opening_price=Decimal(opening),
    )
    return [_month(model, deliveries[front + step], step) for step in (0, 1, -1)]


def _month(model: Contract, delivery: tuple[int, int], step: int) -> Contract:
    year, month = delivery
    letter = MONTH_LETTERS[month - 1]
    return replace(
        model,
        id=f"CON.{model.symbol_id}.{letter}{year % 100:02d}",
        name=f"{model.root}{letter}{year % 10}",
        display_name=f"{model.root}{letter}{year % 100:02d}",
        description=f"{model.description}: {date(year, month, 1):%B %Y}",
        is_front=step == 0,
        is_active=step >= 0,
    )


def _roll_day(year: int, month: int, months_before: int, day: int) -> date:
    month -= months_before
    if month < 1:
        return date(year - 1, month + 12, day)
    return date(year, month, day)


def _resembles(contract: Contract, wanted: str) -> bool:
    code = contract.symbol_id.rsplit(".", 1)[-1]
    texts = (contract.name, code, contract.description.upper())
    if any(wanted in text for text in texts):
        return True
    near = {"ES": {"FVA", "JY6", "MX6", "TYA"}, "NQ": {"NQG", "NQM"}}
    return code in near.get(wanted, set())
