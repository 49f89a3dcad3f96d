"""The products that TopstepX offers: the trader's root, the gateway's code, and what a tick is worth.

The gateway's own contract list wins where it is at hand; this table serves an offline start and expiries that
the list no longer names. Source: a public capture of `Contract/available` of August 2026.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Product:
    """One product: tick size in price points, tick value in dollars a contract."""

    root: str
    code: str
    tick_size: Decimal
    tick_value: Decimal


_ROWS = """
ES EP 0.25 12.50
NQ ENQ 0.25 5.00
RTY RTY 0.1 5.00
YM YM 1 5.00
MES MES 0.25 1.25
MNQ MNQ 0.25 0.50
M2K M2K 0.1 0.50
MYM MYM 1 0.50
NKD NKD 5 25.00
CL CLE 0.01 10.00
MCL MCLE 0.01 1.00
QM NQM 0.025 12.50
NG NGE 0.001 10.00
QG NQG 0.005 12.50
MNG MNG 0.001 1.00
RB RBE 0.0001 4.20
HO HOE 0.0001 4.20
GC GCE 0.1 10.00
MGC MGC 0.1 1.00
SI SIE 0.005 25.00
SIL SIL 0.005 5.00
HG CPE 0.0005 12.50
MHG MHG 0.0005 1.25
PL PLE 0.1 5.00
6E EU6 0.00005 6.25
6B BP6 0.0001 6.25
6J JY6 0.0000005 6.25
6A DA6 0.00005 5.00
6C CA6 0.00005 5.00
6S SF6 0.00005 6.25
6N NE6 0.00005 5.00
6M MX6 0.00001 5.00
E7 EEU 0.0001 6.25
M6E M6E 0.0001 1.25
M6A M6A 0.0001 1.00
M6B M6B 0.0001 0.625
ZT TUA 0.00390625 7.8125
ZF FVA 0.0078125 7.8125
ZN TYA 0.015625 15.625
TN TNA 0.015625 15.625
ZB USA 0.03125 31.25
UB ULA 0.03125 31.25
ZC ZCE 0.25 12.50
ZS ZSE 0.25 12.50
ZW ZWA 0.25 12.50
ZL ZLE 0.01 6.00
ZM ZME 0.1 10.00
LE GLE 0.025 10.00
HE HE 0.025 10.00
MBT MBT 5 0.50
MET GMET 0.5 0.05
"""


def _read(row: str) -> Product:
    root, code, tick_size, tick_value = row.split()
    return Product(root, code, Decimal(tick_size), Decimal(tick_value))


PRODUCTS = tuple(_read(row) for row in _ROWS.strip().splitlines())
BY_CODE = {product.code: product for product in PRODUCTS}
BY_ROOT = {product.root: product for product in PRODUCTS}

MICROS = frozenset(["MES", "MNQ", "M2K", "MYM", "MCL", "MNG", "MGC", "SIL", "MHG", "M6E", "M6A", "M6B", "MBT", "MET"])
"""Roots that count as micros in RULE-001."""
