"""How PHP turns what was sent into the prices and quantities that get stored.

Follows WooCommerce 11.0.1 as observed (reference sections 4 and 5), and 10.5.2 where the two were not
compared.
"""

from __future__ import annotations

import re
from decimal import Decimal

from syncd.emulator.woocommerce_values import php_text

Number = int | float

_PHP_INT_MAX = (1 << 63) - 1
_LEADING_FLOAT = re.compile(r"\s*([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)")


def stored_price(sent: object, separator: str = ".") -> str:
    """Return a price as wc_format_decimal stores it.

    Store currency, dot decimal, as many decimals as were sent. What is not a digit, dot or minus is
    thrown away, so `12,50` becomes `1250` in a shop whose decimal separator is a dot (section 5.1).
    """
    text = php_text(sent).replace(separator, ".")
    return re.sub(r"\.(?![^.]+$)|[^0-9.-]", "", text)


def stored_stock(sent: object, integer: bool = True) -> Number:
    """Return a quantity as wc_stock_amount stores it: "abc" is 0, "11.5" is 11 unless decimals are on."""
    if isinstance(sent, bool):
        return int(sent)
    found = _LEADING_FLOAT.match(php_text(sent))
    amount = Decimal(found[1]) if found else Decimal(0)
    whole = max(-_PHP_INT_MAX - 1, min(int(amount), _PHP_INT_MAX))
    return whole if integer or amount == whole else float(amount)


def stock_status_for(quantity: Number | None, backorders: str) -> str:
    """Return the stock status of something whose stock is managed (section 4.2)."""
    if quantity is not None and int(quantity) > 0:
        return "instock"
    return "onbackorder" if backorders in ("yes", "notify") else "outofstock"


def number_of(price: str) -> float:
    """Return a stored price as a number for comparing; nothing counts as 0."""
    found = _LEADING_FLOAT.match(price)
    return float(found[1]) if found else 0.0
