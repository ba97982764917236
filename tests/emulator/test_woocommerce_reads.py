"""Lists and records of the emulated WooCommerce read as those of the real one do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.emulator.woocommerce_caller import Caller


@pytest.fixture
def caller() -> Caller:
    return Caller()


def test_a_simple_product_has_the_real_shape(caller: Caller) -> None:
    """A managed product shows text prices, a whole quantity, and both times without offset."""
    item = caller.shelf.add_simple("MUG-1", "Mug & saucer", "19.95", 10)
    row = caller.get(f"/products/{item.id}")
    assert row["name"] == "Mug &amp; saucer"
    assert (row["regular_price"], row["price"], row["sale_price"]) == ("19.95", "19.95", "")
    assert (row["manage_stock"], row["stock_quantity"], row["stock_status"]) == (True, 10, "instock")
    assert row["date_modified"] == "2026-11-21T23:00:00"
    assert row["date_modified_gmt"] == "2026-11-21T10:00:00"
    assert (row["type"], row["status"], row["parent_id"], row["variations"]) == ("simple", "publish", 0, [])
    assert len(row) == 71


def test_an_unmanaged_product_has_no_quantity(caller: Caller) -> None:
    """Without managed stock the quantity is null and the product is in stock."""
    item = caller.shelf.add_simple("GIFT", "Gift card", "50")
    row = caller.get(f"/products/{item.id}")
    assert (row["manage_stock"], row["stock_quantity"], row["stock_status"]) == (False, None, "instock")


def test_variations_are_not_listed_with_products(caller: Caller) -> None:
    """The product list has the parent; the variations are under it, newest first."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    small = caller.shelf.add_variation(parent, "TEE-S", "25", 3, "S")
    medium = caller.shelf.add_variation(parent, "TEE-M", "30", 4, "M")
    assert caller.skus("") == ["TEE"]
    rows = caller.get(f"/products/{parent.id}/variations")
    assert [(row["id"], row["name"]) for row in rows] == [(medium.id, "M"), (small.id, "S")]
    assert rows[0]["attributes"] == [{"id": 0, "name": "Size", "slug": "size", "option": "M"}]
    assert caller.get(f"/products/{parent.id}")["variations"] == [small.id, medium.id]


def test_a_parent_shows_its_lowest_price(caller: Caller) -> None:
    """A parent has no price of its own, and the lowest of its variations as price."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    caller.shelf.add_variation(parent, "TEE-S", "100", 3, "S")
    caller.shelf.add_variation(parent, "TEE-M", "30", 0, "M")
    row = caller.get(f"/products/{parent.id}")
    assert (row["regular_price"], row["price"], row["stock_status"]) == ("", "30", "instock")


def test_a_shared_stock_is_repeated(caller: Caller) -> None:
    """Variations without stock of their own say "parent" and repeat the parent's quantity."""
    parent = caller.shelf.add_variable("TEE", "T-shirt", stock=40)
    for size in "SML":
        caller.shelf.add_variation(parent, f"TEE-{size}", "25", option=size)
    rows = caller.get(f"/products/{parent.id}/variations")
    assert {(row["manage_stock"], row["stock_quantity"]) for row in rows} == {("parent", 40)}


def test_all_variations_can_be_listed_since_10_3(caller: Caller) -> None:
    """GET /variations spans parents, and is an unknown route before 10.3."""
    for code in ("A", "B"):
        caller.shelf.add_variation(caller.shelf.add_variable(code, code), f"{code}-1", "1", 1)
    assert caller.skus("orderby=id&order=asc", "/variations") == ["A-1", "B-1"]
    caller.settings.variations_endpoint = False
    assert caller.refusal("GET", "/variations") == (404, "rest_no_route")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("TEE-S,MUG,NOPE", {"TEE-S", "MUG"}),
        ("mug", {"MUG"}),
        ("ONE,TWO", {"ONE,TWO"}),
        ("MUG,%20TEE-S", {"MUG"}),
        ("NOPE", set()),
        ("OLD", set()),
    ],
    ids=["several", "any case", "a comma in it", "not trimmed inside", "unknown", "trashed"],
)
def test_look_up_by_sku(caller: Caller, asked: str, found: set[str]) -> None:
    """The SKU filter takes a comma list, finds variations, ignores case and hides the trash."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    caller.shelf.add_variation(parent, "TEE-S", "25", 3, "S")
    for sku in ("MUG", "ONE,TWO"):
        caller.shelf.add_simple(sku, sku)
    caller.shelf.trash(caller.shelf.add_simple("OLD", "Old").id)
    assert set(caller.skus(f"sku={asked}")) == found


def test_a_variation_found_by_sku_looks_like_a_product(caller: Caller) -> None:
    """A variation in a SKU answer has the product's fields, its parent's id and the joint name."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    caller.shelf.add_variation(parent, "TEE-S", "25", 3, "S")
    (row,) = caller.get("/products", "sku=TEE-S")
    assert (row["type"], row["parent_id"], row["name"]) == ("variation", parent.id, "T-shirt - S")
    assert "catalog_visibility" in row


@pytest.mark.parametrize("sku", ["", "0"])
def test_an_empty_sku_is_no_filter(caller: Caller, sku: str) -> None:
    """PHP takes "" and "0" for nothing: the whole list comes back."""
    caller.shelf.add_simple("MUG", "Mug")
    assert caller.skus(f"sku={sku}") == ["MUG"]


def test_include_leaves_out_what_is_missing_or_trashed(caller: Caller) -> None:
    """A list by id answers the ids it has; the trash takes status=trash."""
    ids = [caller.shelf.add_simple(f"P-{at}", "P").id for at in range(3)]
    caller.shelf.trash(ids[1])
    asked = f"include={ids[0]},{ids[1]},{ids[2]},9999"
    assert caller.skus(f"{asked}&orderby=include") == ["P-0", "P-2"]
    assert caller.skus(f"{asked}&status=trash") == ["P-1"]
    assert caller.skus(f"exclude={ids[0]}") == ["P-2"]
    assert caller.get(f"/products/{ids[1]}")["status"] == "trash"


def test_drafts_are_listed_and_statuses_can_be_asked(caller: Caller) -> None:
    """Without a status everything but the trash comes, with one only that."""
    caller.shelf.add_simple("LIVE", "Live")
    caller.shelf.add_simple("DRAFT", "Draft", status="draft")
    assert caller.skus("order=asc") == ["LIVE", "DRAFT"]
    assert caller.skus("status=draft") == ["DRAFT"]


def test_other_filters(caller: Caller) -> None:
    """Type, search words, stock status and parent narrow the list; an unknown word does nothing."""
    parent = caller.shelf.add_variable("TEE", "Green shirt")
    caller.shelf.add_simple("TEA", "Green tea 100 g", "9.50", 0)
    assert caller.skus("type=variable") == ["TEE"]
    assert caller.skus("search=tea+green") == ["TEA"]
    assert caller.skus("stock_status=outofstock&type=simple") == ["TEA"]
    assert caller.skus(f"parent={parent.id}") == []
    assert len(caller.skus("min_stock=5&colour=green")) == 2


@pytest.mark.parametrize(
    ("asked", "flag", "found"),
    [
        ("2026-11-21T10:15:54", True, True),
        ("2026-11-21T10:15:54", False, True),
        ("2026-11-21T10:17:54", False, True),
        ("2026-11-21T23:15:54", True, False),
        ("2026-11-21T23:15:54", False, True),
        ("2026-11-21T10:15:54Z", True, False),
        ("2026-11-21T10:15:54Z", False, True),
        ("2026-11-21T10:15:54%2B00:00", True, False),
        ("2026-11-21T10:16:54", True, False),
        ("2026-11-21T10:16:53.9", True, True),
    ],
)
def test_the_date_trap(caller: Caller, asked: str, flag: bool, found: bool) -> None:
    """Every row of the measured table in reference section 3.2, strictness included."""
    caller.clock.now = caller.clock.now + timedelta(minutes=16, seconds=54)
    caller.shelf.add_simple("MUG", "Mug")
    gmt = "&dates_are_gmt=true" if flag else ""
    assert caller.skus(f"modified_after={asked}{gmt}") == (["MUG"] if found else [])
    assert caller.skus(f"modified_after={asked}{gmt}&orderby=modified") == (["MUG"] if found else [])


def test_west_of_greenwich_the_trap_shows_too_much(caller: Caller) -> None:
    """With a site behind UTC a Z together with the flag gives rows that did not change."""
    caller.settings.utc_offset = timedelta(hours=-8)
    caller.shelf.add_simple("MUG", "Mug")
    assert caller.skus("modified_after=2026-11-21T12:00:00Z&dates_are_gmt=true") == ["MUG"]


def test_modified_before_is_strict_too(caller: Caller) -> None:
    """A bound equal to the stamp excludes it on either side."""
    caller.shelf.add_simple("MUG", "Mug")
    assert caller.skus("modified_before=2026-11-21T10:00:00&dates_are_gmt=true") == []
    assert caller.skus("modified_before=2026-11-21T10:00:01&dates_are_gmt=true") == ["MUG"]


def test_old_shops_ignore_the_change_filter(caller: Caller) -> None:
    """A shop from before the change filter answers everything, without a word."""
    caller.settings.modified_filter = False
    caller.shelf.add_simple("MUG", "Mug")
    assert caller.skus("modified_after=2099-01-01T00:00:00") == ["MUG"]


def test_equal_stamps_are_ordered_by_id(caller: Caller) -> None:
    """Ties in date_modified follow the id, in the direction asked."""
    for at in range(3):
        caller.shelf.add_simple(f"P-{at}", "P")
    assert caller.skus("orderby=modified&order=asc") == ["P-0", "P-1", "P-2"]
    assert caller.skus("orderby=modified&order=desc") == ["P-2", "P-1", "P-0"]


def test_without_tie_break_equal_stamps_shuffle(caller: Caller) -> None:
    """A version without the tie-break gives equal stamps in another order at the next call."""
    caller.settings.tie_break = False
    for at in range(3):
        caller.shelf.add_simple(f"P-{at}", "P")
    first, second = (caller.skus("orderby=modified&order=asc") for _ in range(2))
    assert first != second
    assert sorted(first) == sorted(second)


def test_a_change_shifts_the_pages_of_a_walk(caller: Caller) -> None:
    """A row of page 1 that changes while page 2 is read pulls a later row out of sight."""
    for at in range(4):
        caller.shelf.add_simple(f"P-{at}", "P")
        caller.clock.pass_by(1)
    walk = "orderby=modified&order=asc&per_page=2"
    seen = caller.skus(f"{walk}&page=1")
    caller.shelf.edit(caller.shelf.with_sku("P-0")[0].id, stock=1)
    assert [*seen, *caller.skus(f"{walk}&page=2")] == ["P-0", "P-1", "P-3", "P-0"]


@pytest.mark.parametrize(
    ("orderby", "expected"),
    [
        ("id", ["B", "A", "C"]),
        ("date", ["B", "A", "C"]),
        ("title", ["C", "B", "A"]),
        ("price", ["A", "C", "B"]),
        ("slug", ["C", "B", "A"]),
    ],
)
def test_orders(caller: Caller, orderby: str, expected: list[str]) -> None:
    """A list comes in the order asked for; prices are compared as numbers."""
    for sku, name, price in (("B", "Middle", "100"), ("A", "Zebra", "9"), ("C", "apple", "20.5")):
        caller.shelf.add_simple(sku, name, price)
    assert caller.skus(f"orderby={orderby}&order=asc") == expected


def test_pages_say_how_many_there_are(caller: Caller) -> None:
    """Totals are in headers, and Link names only the neighbours, on the site's own address."""
    for at in range(5):
        caller.shelf.add_simple(f"P-{at}", "P")
    answer = caller.send("GET", "/products", "per_page=2&page=2&order=asc")
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("5", "3")
    link = answer.headers["Link"]
    assert 'page=1>; rel="prev"' in link
    assert 'page=3>; rel="next"' in link
    assert "first" not in link
    assert link.count("https://shop.example.test/wp-json/") == 3


def test_a_page_past_the_end_is_empty(caller: Caller) -> None:
    """Past the end: 200, nothing, the total still right, and prev points to the last page."""
    for at in range(5):
        caller.shelf.add_simple(f"P-{at}", "P")
    answer = caller.send("GET", "/products", "per_page=2&page=99")
    assert (answer.status, answer.body(), answer.headers["X-WP-Total"]) == (200, b"[]", "5")
    assert 'page=3>; rel="prev"' in answer.headers["Link"]


def test_offset_overrides_page(caller: Caller) -> None:
    """An offset counts rows and makes the page number meaningless."""
    for at in range(5):
        caller.shelf.add_simple(f"P-{at}", "P")
    assert caller.skus("order=asc&per_page=2&page=9&offset=3") == ["P-3", "P-4"]


@pytest.mark.parametrize(
    "query",
    [
        "per_page=101",
        "per_page=0",
        "page=0",
        "page=x",
        "orderby=stock",
        "order=up",
        "status=archived",
        "type=variation",
        "include=1,x",
        "modified_after=yesterday",
        "modified_after=2026-11-21",
        "modified_after=2026-11-21T10:00:00+00:00",
        "dates_are_gmt=maybe",
    ],
)
def test_known_parameters_are_checked(caller: Caller, query: str) -> None:
    """A known parameter that cannot be read is refused and named."""
    assert caller.refusal("GET", "/products", query) == (400, "rest_invalid_param")


def test_fields_trim_the_rows(caller: Caller) -> None:
    """_fields keeps exactly what it names, row by row, and reaches inside with dots."""
    caller.shelf.add_simple("MUG", "Mug", "5", 1)
    assert caller.get("/products", "_fields=sku,stock_quantity") == [{"sku": "MUG", "stock_quantity": 1}]
    (row,) = caller.get("/products", "_fields=dimensions.width")
    assert row == {"dimensions": {"width": ""}}


def test_missing_records(caller: Caller) -> None:
    """A missing id is a 404, of a product as of a variation, also under the wrong parent."""
    parent = caller.shelf.add_variable("TEE", "T-shirt")
    variation = caller.shelf.add_variation(parent, "TEE-S", "1", 1, "S")
    assert caller.refusal("GET", "/products/999") == (404, "woocommerce_rest_product_invalid_id")
    missing = (404, "woocommerce_rest_product_variation_invalid_id")
    assert caller.refusal("GET", f"/products/{parent.id}/variations/999") == missing
    assert caller.refusal("GET", f"/products/999/variations/{variation.id}") == missing
    assert caller.get("/products/999/variations") == []


def test_an_unknown_path_or_method_has_no_route(caller: Caller) -> None:
    """What nobody answers is 404 rest_no_route, which is how a missing feature looks."""
    assert caller.refusal("GET", "/wp-json/wc/v4/products") == (404, "rest_no_route")
    assert caller.refusal("DELETE", "/products") == (404, "rest_no_route")
    assert caller.send("GET", "/wp-json-renamed").status == 404
