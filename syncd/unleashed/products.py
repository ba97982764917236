"""Read Unleashed's products: what changed, some by guid, one by its code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from syncd.core.model import Product, Tier
from syncd.core.sale import NewProduct
from syncd.unleashed import fields
from syncd.unleashed.auth import is_sent_as_signed
from syncd.unleashed.client import FilterIgnored, Unleashed
from syncd.unleashed.outgoing import Creation, filled, json_bytes
from syncd.unleashed.paging import Resource, RowPage, read_by_guid, read_pages, read_single, since_filter
from syncd.unleashed.wire import Reader, Row, Undecodable, parse_loose

PATH = "/Products"
TIERS = range(1, 11)
_ALL = ("includeObsolete", "true")


class ProductRow(Row):
    """A product as the Products page of the documentation names its fields."""

    product_description: object = None
    default_sell_price: object = None
    obsolete: object = None
    is_sellable: object = None
    is_component: object = None
    is_assembled_product: object = None
    never_diminishing: object = None
    last_modified_on: object = None
    sell_price_tier1: object = None
    sell_price_tier2: object = None
    sell_price_tier3: object = None
    sell_price_tier4: object = None
    sell_price_tier5: object = None
    sell_price_tier6: object = None
    sell_price_tier7: object = None
    sell_price_tier8: object = None
    sell_price_tier9: object = None
    sell_price_tier10: object = None


def _product(row: ProductRow) -> Product:
    return Product(
        guid=fields.guid(row.guid, "Guid"),
        code=fields.filled_text(row.product_code, "ProductCode"),
        name=fields.text(row.product_description, "ProductDescription"),
        price=fields.number(row.default_sell_price, "DefaultSellPrice"),
        tiers=tuple(tier for number in TIERS if (tier := _tier(row, number)) is not None),
        obsolete=fields.flag(row.obsolete, "Obsolete", default=False),
        sellable=fields.flag(row.is_sellable, "IsSellable", default=True),
        component=fields.flag(row.is_component, "IsComponent", default=False),
        assembled=fields.flag(row.is_assembled_product, "IsAssembledProduct", default=False),
        never_diminishing=fields.flag(row.never_diminishing, "NeverDiminishing", default=False),
        modified=fields.moment(row.last_modified_on),
    )


def _tier(row: ProductRow, number: int) -> Tier | None:
    """Return a sell price tier; its `Value` is text, null when not set (the reference, 4.3)."""
    field = f"SellPriceTier{number}"
    value: object = getattr(row, f"sell_price_tier{number}")
    if value is None:
        return None
    if not isinstance(value, dict):
        raise fields.Unreadable(field, f"is not a tier ({fields.excerpt(value)})")
    name = fields.text(value.get("Name"), f"{field}.Name")
    return Tier(number, name, fields.number(value.get("Value"), f"{field}.Value"))


PRODUCTS = Resource(PATH, Reader(ProductRow, _product))


def changed_products(client: Unleashed, since: datetime | None, first: int = 1) -> Iterator[RowPage[Product]]:
    """Yield page after page of the products created or changed since then, obsolete ones included.

    `since` is aware; None reads all products. `first` is the page to begin with. Whether a row stamped
    exactly then is included is not known, so leave an overlap. Raises what `paging.read_pages` raises.
    Filters: Products, the reference 4.2.
    """
    return read_pages(client, PRODUCTS, [_ALL, *since_filter(since)], first)


def products_by_guid(client: Unleashed, guids: Iterable[str]) -> RowPage[Product]:
    """Return these products as one page, obsolete ones included, with one call per 40 of them.

    What is absent from the answer was not shown; whether it is gone takes `product_by_guid`. Raises
    FilterIgnored if Unleashed answers with other products, and what `paging.read_pages` raises.
    """
    return read_by_guid(client, PRODUCTS, guids, [_ALL])


def product_by_guid(client: Unleashed, guid: str) -> Product | None:
    """Return one product, or None if Unleashed says that there is none (404).

    Raises BadAnswer if the answer cannot be read or is about another product.
    """
    wanted = fields.guid(guid, "guid")
    path = f"{PATH}/{wanted}"
    found = read_single(client, path, PRODUCTS.reader)
    if any(product.guid != wanted for product in found) or len(found) > 1:
        raise client.bad(path, "is about another product")
    return found[0] if found else None


def first_product(client: Unleashed) -> Product | None:
    """Return the first product of the list, or None if there is none: one call for a page of one row."""
    single = Unleashed(client.http, client.base_url, page_size=1)
    page = next(read_pages(single, PRODUCTS, [_ALL]))
    return page.rows[0] if page.rows else None


def find_product(client: Unleashed, code: str) -> list[Product]:
    """Return every product with exactly this code after trimming, obsolete ones included.

    The code is not unique, so there may be several. Upper and lower case differ. The filter matches
    beginnings, so all its pages are read; a code with characters whose signing is not documented is looked
    for by its beginning (the reference, 1.3 and 4.2). Raises BadAnswer if a product with this code is
    there but cannot be read, and what `paging.read_pages` raises.
    """
    wanted = code.strip()
    if not wanted or not _is_storable(wanted):
        return []
    resource = Resource(
        PATH, Reader(ProductRow, lambda row: _product(row) if _has_code(row, wanted) else None)
    )
    found: dict[str, Product] = {}
    for page in read_pages(client, resource, [("productCode", safe_prefix(wanted)), _ALL]):
        if page.poison:
            raise client.bad(PATH, f"cannot be used. {page.poison[0].reason.rstrip('.')}")
        found.update((product.guid, product) for product in page.rows)
    return list(found.values())


def _has_code(row: ProductRow, wanted: str) -> bool:
    return isinstance(row.product_code, str) and row.product_code.strip() == wanted


def _is_storable(code: str) -> bool:
    try:
        return bool(fields.text(code, "code"))
    except fields.Unreadable:
        return False


def safe_prefix(code: str) -> str:
    """Return the longest beginning of a code that is sent as it is signed, the whole code if none is."""
    end = next((place for place, character in enumerate(code) if not is_sent_as_signed(character)), len(code))
    return code[:end] or code


def create_product(client: Unleashed, new: NewProduct) -> Creation[Product]:
    """Create a product into a void: 3 calls, or 1 to 2 and no write if guid or code are there already.

    A POST to a known guid would overwrite that product and blank what it leaves out (the reference, 4.4). So
    in this one step the guid is seen absent by guid, which shows obsolete products too, and the code free
    among all; else the one that is there is returned and nothing is sent. Raises RequestRefused for a
    refusal, OutcomeUnknown if the answer was lost or is not about this product, BadAnswer if two products
    have the code, and what the look-ups raise. After OutcomeUnknown the next attempt looks again.
    """
    there = product_by_guid(client, new.guid)
    by_code = [there] if there else find_product(client, new.code)
    return _existing(client, new, by_code) or _posted(client, new)


def create_products(
    client: Unleashed,
    wanted: Sequence[NewProduct],
    known: Callable[[str], Sequence[Product]],
    since: datetime,
) -> Iterator[Creation[Product]]:
    """Create products into a void, yielding each as soon as it is there: 2 look-ups in all and 1 call each.

    `known` returns the products that the mirror, complete up to `since` (aware, overlap taken off), has under
    a trimmed code; what changed since then is read here, so a code in neither is free. The guids are looked
    for in lists of 40. If any row of these cannot be read, or the filter has no effect, each product is
    looked up by itself as `create_product` does. Raises as that does; what was not yielded was not sent.
    """
    there = _latest(client, wanted, since)
    for new in wanted:
        if there is None:
            yield create_product(client, new)
            continue
        found = _under(new, known(new.code.strip()), there.values())
        outcome = _existing(client, new, found) or _posted(client, new)
        there[outcome.record.guid] = outcome.record
        yield outcome


def _latest(client: Unleashed, wanted: Sequence[NewProduct], since: datetime) -> dict[str, Product] | None:
    """Return what changed since then and what has a wanted guid, or None if either is not the whole truth."""
    pages = list(changed_products(client, since))
    try:
        pages.append(products_by_guid(client, [new.guid for new in wanted]))
    except FilterIgnored:
        return None
    if any(page.poison for page in pages):
        return None
    return {product.guid: product for page in pages for product in page.rows}


def _under(new: NewProduct, known: Sequence[Product], there: Iterable[Product]) -> Sequence[Product]:
    """Return who has the new product's guid, else who has its code by the latest word on each."""
    latest = {product.guid: product for product in (*known, *there)}
    if new.guid in latest:
        return [latest[new.guid]]
    return [product for product in latest.values() if product.code.strip() == new.code.strip()]


def _existing(client: Unleashed, new: NewProduct, found: Sequence[Product]) -> Creation[Product] | None:
    if len(found) > 1:
        raise client.bad(PATH, f"holds {len(found)} products with the code {fields.excerpt(new.code)}")
    return Creation(found[0], created=False) if found else None


def _posted(client: Unleashed, new: NewProduct) -> Creation[Product]:
    guid = fields.guid(new.guid, "guid")
    path = f"{PATH}/{guid}"
    body = client.post(path, new_product_payload(new))
    try:
        found = PRODUCTS.reader.read(parse_loose(body)).rows
    except Undecodable as error:
        raise client.in_doubt(path, str(error)) from error
    if len(found) != 1 or found[0].guid != guid:
        raise client.in_doubt(path, "is not about this product")
    return Creation(found[0], created=True)


def new_product_payload(new: NewProduct) -> bytes:
    """Return the product as it is posted (documents: Products); the price is ex tax."""
    return json_bytes(
        {
            "Guid": fields.guid(new.guid, "guid"),
            "ProductCode": new.code,
            "ProductDescription": new.name,
            "DefaultSellPrice": new.price,
            "TaxableSales": new.taxable,
            "IsSellable": True,
            **filled(SourceId=new.source_id),
        }
    )
