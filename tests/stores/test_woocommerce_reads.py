"""What WooCommerce's lists hide, repeat or escape, and how it is read all the same."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from syncd.core.model import Content, ListingStatus
from syncd.errors import BadAnswer, RequestRefused
from tests.stores.shop import TEA, scanned
from tests.stores.woo_shop import WooShop


@pytest.fixture
def shop() -> WooShop:
    return WooShop()


def test_a_variation_is_found_by_code_and_by_ref(shop: WooShop) -> None:
    """A variation is in no product list, but it answers to its SKU; its ref names the parent."""
    small, _ = shop.family("TEE-S", "TEE-M")
    found = shop.store.look(refs=[small], codes=["TEE-S"])
    assert found["TEE-S"].ref == small
    assert (
        found[small].content == found["TEE-S"].content == Content(None, Decimal(25), Decimal(5), TEA.status)
    )
    assert "name" in found[small].locked


def test_variations_of_many_parents_cost_one_call(shop: WooShop) -> None:
    """Since 10.3 `/variations` reads across parents."""
    refs = shop.family("A-1", "A-2") + shop.family("B-1") + shop.family("C-1")
    shop.store.look(refs=refs)
    before = shop.calls()
    assert set(shop.store.look(refs=refs)) == set(refs)
    assert shop.calls() - before == 1


def test_without_that_route_each_parent_is_asked() -> None:
    """Before 10.3 it is one call a parent, and one to find that out."""
    shop = WooShop(variations_endpoint=False)
    refs = shop.family("A-1", "A-2") + shop.family("B-1")
    assert set(shop.store.look(refs=refs)) == set(refs)
    assert [path.partition("/")[0] for path in shop.asked()] == ["variations", "products", "products"]


def test_a_variation_under_another_parent_is_absent(shop: WooShop) -> None:
    """A ref whose parent no longer fits is not answered with somebody else's record."""
    [first], [second] = shop.family("A-1"), shop.family("B-1")
    crossed = f"{first.partition('/')[0]}/{second.partition('/')[2]}"
    assert shop.store.look(refs=[crossed, f"999/{first.partition('/')[2]}"]) == {}


def test_a_binned_family_is_shown_as_binned(shop: WooShop) -> None:
    """Variations go to the bin with their parent, and are found there by ref."""
    [ref] = shop.family("TEE-S")
    parent = ref.partition("/")[0]
    shop.bin(parent)
    found = shop.store.look(refs=[parent, ref])
    assert [found[each].content.status for each in (parent, ref)] == [ListingStatus.TRASH] * 2


def test_shared_stock_is_locked(shop: WooShop) -> None:
    """A variation with manage_stock "parent" repeats the parent's quantity: it is none of its own."""
    [ref] = shop.family("TEE-S", shared=40)
    found = shop.shown(ref)
    assert found.content.stock is None
    assert "parent" in found.locked["stock"]


def test_a_parent_has_no_price_and_no_stock_of_its_own(shop: WooShop) -> None:
    """A variable product's price and stock are its variations' business."""
    [ref] = shop.family("TEE-S")
    found = shop.shown(ref.partition("/")[0])
    assert set(found.locked) == {"price", "stock"}


@pytest.mark.parametrize("kind", ["grouped", "external", "subscription", "bundle"])
def test_other_kinds_are_left_alone(shop: WooShop, kind: str) -> None:
    """What a plugin sells in its own way keeps its price and stock; the reason names the kind."""
    item = shop.shelf.add_simple("BOX", "Box", "9.00", 3, type=kind)
    locked = shop.shown(str(item.id)).locked
    assert set(locked) == {"price", "stock"}
    assert kind in locked["price"]


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("publish", ListingStatus.LIVE),
        ("private", ListingStatus.HIDDEN),
        ("pending", ListingStatus.HIDDEN),
        ("future", ListingStatus.HIDDEN),
        ("draft", ListingStatus.HIDDEN),
    ],
)
def test_only_published_is_live(shop: WooShop, status: str, shown: ListingStatus) -> None:
    """Every other status keeps buyers out."""
    item = shop.shelf.add_simple("TEA-100", "Tea", "9.00", 3, status=status)
    assert shop.shown(str(item.id)).content.status is shown


def test_names_are_read_as_plain_text(shop: WooShop) -> None:
    """WordPress stores `A & B` as `A &amp; B`; it is the same name."""
    assert shop.shown(shop.put("TEA", replace(TEA, name="Salt & pepper"))).content.name == "Salt & pepper"


def test_no_price_is_none(shop: WooShop) -> None:
    """An empty price is none, not zero."""
    assert shop.shown(shop.put("TEA", replace(TEA, price=None))).content.price is None


def test_an_unreadable_value_is_locked_not_absent(shop: WooShop) -> None:
    """A price or a stock that is no number leaves the record there, with the reason."""
    ref = shop.put("TEA-100")
    row = {"id": int(ref), "type": "simple", "status": "publish", "sku": "TEA-100", "name": "Tea\x00"}
    shop.answer_next(
        200, [{**row, "regular_price": "ask us", "manage_stock": True, "stock_quantity": "1e99999"}]
    )
    found = shop.shown(ref)
    assert found.code == "TEA-100"
    assert (found.content.price, found.content.stock) == (None, None)
    assert "ask us" in found.locked["price"]
    assert "stock" in found.locked
    assert found.content.name == "Tea\ufffd"


def test_decimal_stock_of_a_plugin_is_read(shop: WooShop) -> None:
    """A site that sells by weight answers JSON numbers with a fraction, and they stay exact."""
    shop.site.integer_stock = False
    item = shop.shelf.add_simple("RICE", "Rice", "2.00", 2.1)
    assert shop.shown(str(item.id)).content.stock == Decimal("2.1")


@pytest.mark.parametrize("deaf", ["include", "sku"])
def test_rows_not_asked_for_are_dropped(deaf: str) -> None:
    """WordPress ignores a parameter it does not know and lists everything: only what was asked for counts."""
    shop = WooShop(deaf=(deaf,))
    refs = [shop.put(f"TEA-{n}") for n in range(30)]
    assert set(shop.store.look(refs=[refs[7]], codes=["TEA-8"])) == {refs[7], "TEA-8"}


@pytest.mark.parametrize(
    ("deaf", "refs", "codes"), [("include", ["999"], []), ("sku", [], ["NOPE"]), ("sku", [], ["TEA-3"])]
)
def test_nothing_is_absent_where_a_filter_is_ignored(deaf: str, refs: list[str], codes: list[str]) -> None:
    """A page of a list that goes on says nothing about what is not on it, and is not read to the end."""
    shop = WooShop(deaf=(deaf,))
    for n in range(250):
        shop.put(f"TEA-{n}")
    with pytest.raises(BadAnswer, match=f"ignores {deaf}="):
        shop.store.look(refs=refs, codes=codes)
    assert shop.calls() == 1


@pytest.mark.parametrize(("status", "absent"), [(404, True), (400, False)])
def test_a_missing_parent_has_no_variations(shop: WooShop, status: int, absent: bool) -> None:
    """Versions that answer 404 below a missing parent say that the variation is gone; 400 says nothing."""
    for _ in range(2):
        shop.answer_next(status, {"code": "woocommerce_rest_product_invalid_id", "data": {"status": status}})
    if absent:
        assert shop.store.look(refs=["7/8"]) == {}
    else:
        with pytest.raises(RequestRefused):
            shop.store.look(refs=["7/8"])


def test_more_twins_than_a_page_are_followed() -> None:
    """Translation plugins allow one SKU on many products: all of them are named."""
    shop = WooShop(unique_skus=False)
    refs = [shop.put("TEA-100") for _ in range(130)]
    found = shop.store.look(codes=["TEA-100"])["TEA-100"]
    assert [found.ref, *found.duplicates] == refs
    assert shop.calls() == 2


def test_long_codes_keep_addresses_short(shop: WooShop) -> None:
    """No address grows over 4,000 bytes, with keys and all, and no code is lost for it."""
    codes = [f"{n:03}-{'茶' * 40}" for n in range(60)]
    refs = [shop.put(code) for code in codes]
    found = shop.store.look(codes=codes)
    assert [found[code].ref for code in codes] == refs
    assert max(len(f"{request.path}?{request.query}") for request in shop.wire.requests) < 4_000


@pytest.mark.parametrize("code", ["A  B", "A%20B", "<b>A</b>", "A\tB", " A", "A" * 1200, "\ud800", "\0"])
def test_a_code_wordpress_cannot_keep_is_not_asked_for(shop: WooShop, code: str) -> None:
    """Such a code would be searched as another one, or break the signature: it is absent, for no call."""
    assert shop.store.look(codes=[code, ""]) == {}
    assert shop.calls() == 0


def test_the_code_zero_is_asked_for(shop: WooShop) -> None:
    """PHP takes "0" for no filter at all, and would list the whole shop."""
    for n in range(150):
        shop.put(f"TEA-{n}")
    ref = shop.put("0")
    assert shop.store.look(codes=["0"])["0"].ref == ref
    assert shop.calls() == 1


def test_a_binned_row_does_not_answer_to_its_code(shop: WooShop) -> None:
    """Should a plugin list the bin as well, the record beside it is the one that is meant."""
    rows = [{"id": 7, "sku": "TEA", "status": "trash"}, {"id": 8, "sku": "TEA", "status": "draft"}]
    shop.answer_next(200, rows)
    found = shop.store.look(codes=["TEA"])["TEA"]
    assert (found.ref, found.duplicates) == ("8", ())


def test_links_are_not_followed() -> None:
    """Pages are counted, for the addresses in `Link` are the site's own idea of itself."""
    shop = WooShop(home="http://inside.example.test:8080")
    refs = [shop.put(f"TEA-{n}") for n in range(130)]
    assert set(scanned(shop.store)) == set(refs)
    assert {request.host for request in shop.wire.requests} == {"shop.example.test"}


def test_reads_bypass_the_rest_cache(shop: WooShop) -> None:
    """WooCommerce's own cache of products is asked to stand aside."""
    shop.store.look(refs=["12", "12/13"], codes=["TEA"])
    shop.store.scan()
    assert all("_skip_cache=true" in request.query for request in shop.wire.requests)


def test_a_page_cache_is_gone_around() -> None:
    """A cache that repeats an old answer is noticed by its headers, and evaded from then on."""
    shop = WooShop(page_cache_seconds=600)
    ref = shop.put("TEA-100")
    shop.shown(ref)
    shop.shelf.edit(int(ref), stock=1)
    shop.clock.sleep(5)
    assert shop.shown(ref).content.stock == 1
    shop.shelf.edit(int(ref), stock=2)
    assert shop.shown(ref).content.stock == 2
    assert any("cache" in warning for warning in shop.store.check().warnings)


def test_a_cache_that_cannot_be_gone_around_is_not_believed(shop: WooShop) -> None:
    """Old stock is no answer."""
    shop.answer_next(200, [], age="60")
    shop.answer_next(200, [], **{"x-cache": "HIT from edge"})
    with pytest.raises(BadAnswer, match="page cache"):
        shop.store.look(codes=["TEA"])


def test_a_list_must_be_a_list(shop: WooShop) -> None:
    """A 200 with another shape of JSON is not an empty shop."""
    shop.answer_next(200, {"data": []})
    with pytest.raises(BadAnswer, match="list of records"):
        shop.store.look(codes=["TEA"])


@pytest.mark.parametrize("endpoint", [True, False])
def test_a_scan_lists_variations(endpoint: bool) -> None:
    """Variations come with a scan, from their own list or parent by parent."""
    shop = WooShop(variations_endpoint=endpoint)
    refs = shop.family(*(f"TEE-{n}" for n in range(120))) + shop.family("CAP-1") + [shop.put("TEA")]
    parents = {ref.partition("/")[0] for ref in refs if "/" in ref}
    assert set(scanned(shop.store)) == {*refs, *parents}


def test_a_scan_of_simple_products_is_cheap(shop: WooShop) -> None:
    """One call a hundred products but one, and two for the bin."""
    for n in range(190):
        shop.put(f"TEA-{n}")
    scanned(shop.store)
    assert shop.calls() == 4


def test_a_scan_can_be_taken_up_by_another_process(shop: WooShop) -> None:
    """The cursor is all there is to remember; one that cannot be read starts again."""
    refs = [shop.put(f"TEA-{n}") for n in range(150)]
    shop.family("TEE-S")
    found, cursor = set(), None
    while True:
        page = shop.store_for().scan(cursor)
        found |= {each.ref for each in page.items}
        cursor = page.cursor
        if cursor is None:
            break
    assert set(refs) <= found
    assert any("/" in ref for ref in found)
    assert shop.store.scan("of another version").cursor == shop.store.scan().cursor


def test_a_scan_without_order_is_refused() -> None:
    """Where the order by id is ignored, nobody could tell what a page left out."""
    shop = WooShop(deaf=("orderby", "order"))
    for n in range(3):
        shop.put(f"TEA-{n}")
        shop.clock.sleep(60)
    shop.store.scan()
    with pytest.raises(BadAnswer, match="by id"):
        scanned(shop.store)


@pytest.mark.parametrize("withheld", [range(90, 115), range(20, 290), range(300)])
def test_a_scan_ends_where_the_shop_keeps_rows_back(shop: WooShop, withheld: range) -> None:
    """Rows that the key may not see make short pages; the walk goes on to the end, and does end."""
    refs = [shop.put(f"TEA-{n}") for n in range(300)]
    shop.wire.withheld = {int(refs[n]) for n in withheld}
    assert set(scanned(shop.store)) == {ref for n, ref in enumerate(refs) if n not in withheld}
