"""How many decimals the money of a currency has."""

from __future__ import annotations

from decimal import Decimal

_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_PLACES = {**dict.fromkeys(_NONE.split(" "), 0), **dict.fromkeys(_THREE.split(" "), 3)}


def decimals(currency: str) -> int:
    """Return the minor unit of ISO 4217: 0 for JPY, 3 for KWD, 2 for whatever is in neither list."""
    return _PLACES.get(currency.strip().upper(), 2)


def unit(currency: str) -> Decimal:
    """Return the smallest amount of a currency: 0.01 NZD, 1 JPY."""
    return Decimal(1).scaleb(-decimals(currency))
