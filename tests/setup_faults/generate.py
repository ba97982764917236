"""Make the set-up faults from a seed: twelve kinds, ten of each, as readable data.

`python -m tests.setup_faults.generate` prints what `faults.toml` holds.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from syncd.emulator.catalogue import Dice
from tests.setup_faults.worlds import clean_catalogue, goods

SEED = 20261121
EACH = 10
HEADER = """\
# A hundred and twenty set-up faults, made from a seed by tests/setup_faults/generate.py; do not edit by hand.
# world: seed of the catalogue; lay: what is set up wrong before Unleashed is read for the first time;
# later: what is set up wrong after that; expect: words that one line of `check` or `match` must hold.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: what is broken, how it is laid, and the words that name it."""

    broken: str
    lay: Mapping[str, Any]
    expect: tuple[str, ...]
    later: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pick:
    """What a maker of faults draws from: dice, which of its ten this is, and codes that are simply sold."""

    dice: Dice
    place: int
    codes: tuple[str, ...]


def _warehouse(pick: Pick) -> Fault:
    code = pick.dice.one_of(("W3", "MAIN", "W 1", "WEST", "W1-OLD", "2"))
    if pick.place < 4:
        listing = f'warehouses = ["W1", "{code}"]'
        return Fault(
            f"warehouses names {code}, which is not there",
            {"listing": listing},
            (f"no warehouse with the code {code}",),
        )
    code = pick.dice.one_of(("W2", "RET"))
    listing = f'warehouses = ["W1", "{code}"]'
    if pick.place < 7:
        lay = {"listing": listing, "obsolete_warehouse": code}
        return Fault(
            f"the warehouse {code} is obsolete and in use", lay, (f"the warehouse {code} is obsolete",)
        )
    return Fault(
        f"{code} was added since the last pull",
        {"listing": 'warehouses = ["W1"]'},
        (f"the stock of the warehouse {code} was not read yet",),
        {"listing": listing},
    )


def _tier(pick: Pick) -> Fault:
    if pick.place < 4:
        name = pick.dice.one_of(("Retial", "retail", "Trade price", "Whole sale", "VIP"))
        return Fault(
            f"no tier is called {name}", {"listing": f'price_tier = "{name}"'}, (f"no price tier {name}",)
        )
    if pick.place < 7:
        name, number = pick.dice.one_of(("Retail", "Trade")), pick.dice.between(4, 9)
        lay = {"listing": f'price_tier = "{name}"', "tier": [number, name]}
        return Fault(f"two tiers are called {name}", lay, (f"several price tiers named {name}",))
    number = pick.dice.between(4, 10)
    return Fault(
        f"no product has a price in tier {number}",
        {"listing": f"price_tier = {number}"},
        (f"sell price tier {number} is not set",),
    )


def _currency(pick: Pick) -> Fault:
    ours, theirs = pick.dice.one_of(
        (("NZD", "AUD"), ("NZD", "EUR"), ("USD", "NZD"), ("GBP", "EUR"), ("AUD", "NZD"))
    )
    lay = {"currency": ours, "shop": {"currency": theirs}}
    return Fault(f"Unleashed counts in {ours}, the shop in {theirs}", lay, (ours, theirs, "prices are held"))


TAXED = {"calc_taxes": True, "prices_include_tax": True}


def _tax(pick: Pick) -> Fault:
    if pick.place < 4:
        return Fault(
            "the shop's prices include tax, no rate is given", {"shop": TAXED}, ("include tax", "listing.tax")
        )
    if pick.place < 8:
        name, code = pick.dice.one_of(("reduced-rate", "zero-rate", "books")), pick.dice.one_of(pick.codes)
        lay = {"listing": "tax = { standard = 0.15 }", "shop": TAXED, "tax_class": [code, name]}
        return Fault(f"{code} has the tax class {name}, which has no rate", lay, (name, "no rate"))
    return Fault(
        "a rate is given for prices without tax", {"listing": "tax = 0.15"}, ("listing.tax", "no effect")
    )


def _unfit(pick: Pick) -> Fault:
    code = pick.dice.one_of(pick.codes)
    odd = (
        code + "<5",
        f"<b>{code}</b>",
        code + "%20",
        code.replace("-", "  "),
        code + "-" + "L" * 100,
        code.replace("-", "\t"),
        code + "%AF",
        f"{code} <red>",
        "L" * 60 + code + "R" * 60,
        code + "<!--",
    )[pick.place]
    return Fault(f"{code} is called {odd!r}", {"code": [code, odd]}, ("cannot hold", odd))


def _twins(pick: Pick) -> Fault:
    one, other = pick.codes[pick.dice.below(len(pick.codes) - 1)], pick.codes[-1]
    if pick.place < 5:
        return Fault(
            f"{other} is called {one} too", {"code": [other, one]}, ("several products with the code", one)
        )
    again = (one.lower(), one.title(), one.swapcase())[pick.place % 3]
    return Fault(f"{other} is called {again}", {"code": [other, again]}, ("only by case", one, again))


def _skus(pick: Pick) -> Fault:
    code = pick.dice.one_of(pick.codes)
    if pick.place < 6:
        return Fault(f"two records have the SKU {code}", {"twin": code}, ("duplicate", code))
    lay = {"sku": {"was": code, "is": ""}}
    return Fault(f"the record of {code} has no SKU", lay, ("without a code",))


def _near(pick: Pick) -> Fault:
    code = pick.dice.one_of(pick.codes)
    head, _, tail = code.partition("-")
    sku, why = (
        (code.lower(), "case"),
        (code.title(), "case"),
        (f"{head} -{tail}", "spaces"),
        (f"{head}{tail}", "dashes"),
        (f"{head}_{tail}", "dashes"),
        (f"{head}\u2013{tail}", "dashes"),
        (f"{head}-{int(tail)}", "leading zeros"),
        (f"{head}-O{tail[1:]}", "one character"),
        (f"{head}X-{tail}", "one character"),
        (f"{head}-{tail[:-1]}{(int(tail[-1]) + 5) % 10}", "one character"),
    )[pick.place]
    lay: dict[str, Any] = {"was": code, "is": sku}
    if pick.place % 2:
        lay["name"] = "House special"
    return Fault(f"the shop calls {code} {sku}", {"sku": lay}, ("near miss", code, sku, why))


def _stock(pick: Pick) -> Fault:
    code = pick.dice.one_of(pick.codes)
    if pick.place < 3:
        lay = {"shop": {"manage_stock": False}}
        return Fault("the shop keeps no stock", lay, ("stock management", "switched off"))
    if pick.place < 6:
        return Fault(f"the shop does not track {code}", {"untracked": code}, ("does not track its stock",))
    if pick.place < 8:
        return Fault(f"{code} lies in the bin", {"binned": code}, (f"unsettled {code}", "in the store's bin"))
    return Fault(
        f"{code} was binned later", {}, (f"unsettled {code}", "in the store's bin"), {"binned": code}
    )


def _outside(pick: Pick) -> Fault:
    code = pick.dice.one_of(pick.codes)
    if pick.place < 5:
        minutes = pick.dice.between(15, 900) * (1, -1)[pick.place % 2]
        side = "ahead of" if minutes > 0 else "behind"
        return Fault(f"this machine's clock is {minutes} minutes off", {"clock": minutes}, ("clock", side))
    if pick.place < 7:
        return Fault(
            "nobody has the canary", {"canary": "CANARY-1"}, ("canary CANARY-1", "Unleashed", "the store")
        )
    if pick.place < 9:
        lay = {"canary": code, "removed": code}
        return Fault(f"the shop lacks the canary {code}", lay, (f"canary {code}", "not found in the store"))
    return Fault(
        "Unleashed lacks the canary", {"canary": code, "delete": code}, ("canary", "not found in Unleashed")
    )


ORDERS = "tax_codes = { standard = %s }"


def _tax_code(pick: Pick) -> Fault:
    if pick.place < 4:
        code = ("gst", "GTS", "ZER0", "VAT 20")[pick.place]
        lay: dict[str, Any] = {"orders": ORDERS % json.dumps(code)}
        return Fault(f"orders name the tax code {code}, which is not there", lay, (f"no tax code {code},",))
    if pick.place < 6:
        code, rate = pick.dice.one_of((("GST125", "0.125"), ("OLD-GST", "0.1"), ("VAT175", "0.175")))
        lay = {"tax_codes": [[code, rate, True]], "orders": ORDERS % json.dumps(code)}
        return Fault(f"the tax code {code} is obsolete and in use", lay, (f"the tax code {code}", "obsolete"))
    if pick.place < 8:
        rate = pick.dice.one_of(("0.2", "0.125", "0.21"))
        lay = {"listing": f"tax = {rate}", "shop": TAXED, "tax_codes": [["OLD", rate, pick.place == 7]]}
        if pick.place == 6:
            lay |= {"tax_codes": [["MORE", f"{rate}1", False]]}
        return Fault(
            f"no active tax code has the rate {rate}", lay, ("no active tax code", "orders.tax_codes")
        )
    if pick.place == 8:
        lay = {"listing": "tax = 0.15", "shop": TAXED, "tax_codes": [["GST-IMP", "0.15", False]]}
        return Fault("two tax codes have the rate", lay, ("several tax codes", "GST-IMP", "orders.tax_codes"))
    lay = {"listing": "tax = 0.15", "shop": TAXED, "orders": ORDERS % '"ZERO"'}
    return Fault("orders name a tax code of another rate", lay, ("ZERO", "0 %", "15 %", "listing.tax"))


def _archived(pick: Pick) -> Fault:
    code = pick.dice.one_of(pick.codes)
    if pick.place < 3:
        lay: dict[str, Any] = {"obsolete": [code]}
        return Fault(f"{code} is obsolete and still on sale", lay, (code, "still on sale", "syncd adopt"))
    if pick.place < 6:
        lay = {"obsolete": [code], "listing": 'obsolete = "leave"'}
        return Fault(f"obsolete products are left, {code} is one", lay, (code, "still on sale", '"leave"'))
    if pick.place == 6:
        codes = sorted(pick.codes)[:7]
        return Fault(
            "seven products are obsolete and on sale",
            {"obsolete": codes},
            (", ".join(codes[:5]), "and 2 more", "still on sale"),
        )
    if pick.place == 7:
        lay = {"obsolete": [code], "listing": 'fields = ["price"]\nobsolete = "out_of_stock"'}
        return Fault(f"{code} is obsolete, its stock not ours", lay, (code, "stock is never written"))
    house = pick.dice.one_of(("W2", "RET"))
    lay = {"orders": f'warehouse = "{house}"', "obsolete_warehouse": house}
    return Fault(f"orders ship from {house}, which is obsolete", lay, (house, "orders.warehouse", "obsolete"))


KINDS: Mapping[str, Callable[[Pick], Fault]] = {
    "warehouse": _warehouse,
    "price tier": _tier,
    "currency": _currency,
    "tax": _tax,
    "code that does not fit": _unfit,
    "code used twice": _twins,
    "SKU twice or missing": _skus,
    "near miss": _near,
    "stock that is not kept": _stock,
    "clock and canary": _outside,
    "tax code of orders": _tax_code,
    "archived record in use": _archived,
}


def faults_text(seed: int = SEED) -> str:
    """Return the data file: the same for the same seed on every machine."""
    dice, text, world = Dice(seed), HEADER, 0
    for kind, make in KINDS.items():
        for place in range(EACH):
            world += 1
            codes = tuple(product.code for product in goods(clean_catalogue(world)))
            text += _table(kind, world, make(Pick(dice, place, codes)))
    return text


def _table(kind: str, world: int, fault: Fault) -> str:
    lines = [f"kind = {_toml(kind)}", f"broken = {_toml(fault.broken)}", f"world = {world}"]
    lines += [f"lay = {_toml(fault.lay)}"] if fault.lay else []
    lines += [f"later = {_toml(fault.later)}"] if fault.later else []
    return "\n".join(["", "[[fault]]", *lines, f"expect = {_toml(list(fault.expect))}", ""])


def _toml(value: object) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(each)}" for name, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    sys.stdout.write(faults_text())
