"""What goes out to WooCommerce, in which batches, and how its silent refusals are heard."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from syncd.core.model import Content, Done, ListingStatus, Refused, Write
from syncd.errors import AuthRejected, OutcomeUnknown, RequestRefused
from tests.stores.shop import TEA
from tests.stores.woo_shop import WooShop


@pytest.fixture
def shop() -> WooShop:
    return WooShop()


def reason(outcome: Done | Refused) -> str:
    assert isinstance(outcome, Refused), outcome
    assert outcome.do.endswith(".")
    return outcome.reason


def test_values_go_out_as_their_own_kind(shop: WooShop) -> None:
    """A price is text with a dot, a quantity a whole number, a status one of WooCommerce's words."""
    ref = shop.put("TEA-100")
    shop.write(ref, name="Tea & more", price="1E+1", stock="3", status=ListingStatus.HIDDEN)
    assert shop.bodies() == [
        {
            "update": [
                {
                    "id": int(ref),
                    "name": "Tea &amp; more",
                    "regular_price": "10",
                    "stock_quantity": 3,
                    "status": "draft",
                }
            ]
        }
    ]


def test_a_create_says_everything_the_shop_would_guess(shop: WooShop) -> None:
    """Type, status, SKU and our mark are sent; WooCommerce would publish what has no status."""
    outcome = shop.write(None, "TEA-100", price="9.50", stock="3")
    assert isinstance(outcome, Done)
    [body] = shop.bodies()
    assert body["create"] == [
        {
            "type": "simple",
            "status": "draft",
            "sku": "TEA-100",
            "name": "TEA-100",
            "regular_price": "9.50",
            "manage_stock": True,
            "stock_quantity": 3,
            "meta_data": [{"key": "_syncd_guid", "value": "key"}],
        }
    ]


@pytest.mark.parametrize(
    "content",
    [
        Content(price=Decimal("NaN")),
        Content(price=Decimal("-1")),
        Content(stock=Decimal("2.5")),
        Content(stock=Decimal("Infinity")),
    ],
)
def test_bad_values_are_refused_before_sending(shop: WooShop, content: Content) -> None:
    """A batch checks nothing: "abc" would become 0, so what is no value never leaves."""
    [outcome] = shop.store.write([Write("k", shop.put("TEA-100"), "TEA-100", content)])
    assert "TEA-100" in reason(outcome)
    assert shop.calls() == 0


@pytest.mark.parametrize("code", ["", "A  B", "A%20B", "<b>A", "A\nB"])
def test_a_code_the_shop_would_change_is_not_created(shop: WooShop, code: str) -> None:
    """It would be stored as another code, and created again at the next look."""
    assert "cannot keep the code" in reason(shop.write(None, code, price="1"))
    assert shop.count() == 0


def test_no_null_is_ever_sent(shop: WooShop) -> None:
    """A null stock would become 0; what has no value is left out."""
    ref = shop.put("TEA-100")
    shop.write(ref, price="1.00")
    shop.write(None, "TEA-200", price="1.00")
    assert all(b"null" not in request.body for request in shop.wire.requests)


def test_nothing_is_ever_deleted(shop: WooShop) -> None:
    """A batch delete is for good and silent: no write carries one."""
    ref = shop.put("TEA-100")
    shop.write(ref, status=ListingStatus.HIDDEN)
    shop.write(ref, status=ListingStatus.TRASH)
    assert {request.method for request in shop.wire.requests} == {"POST"}
    assert all("delete" not in body for body in shop.bodies())


def test_stock_of_an_untracked_product_names_the_remedy(shop: WooShop) -> None:
    """WooCommerce drops the quantity with 200; the outcome says so, and how to change it."""
    ref = shop.put("GIFT", replace(TEA, stock=None))
    outcome = shop.write(ref, "GIFT", stock="3")
    assert "does not track its stock" in reason(outcome)
    assert isinstance(outcome, Refused)
    assert 'manage_stock = "enable"' in outcome.do


def test_tracking_is_switched_on_only_when_configured() -> None:
    """With manage_stock = "enable" the quantity is taken, and the record is not locked before."""
    shop = WooShop(manage_stock="enable")
    ref = shop.put("GIFT", replace(TEA, stock=None))
    assert shop.shown(ref).locked == {}
    assert isinstance(shop.write(ref, "GIFT", stock="3"), Done)
    assert shop.shown(ref).content.stock == 3


def test_a_shop_without_stock_keeping_is_named() -> None:
    """Where stock management is off altogether, switching it on for a product does nothing."""
    shop = WooShop(manage_stock="enable", calc_taxes=False)
    shop.site.manage_stock = False
    outcome = shop.write(shop.put("TEA-100"), "TEA-100", stock="3")
    assert "tracks no stock at all" in reason(outcome)


def test_a_variation_is_written_below_its_parent(shop: WooShop) -> None:
    """Price, stock and status of a variation go to its parent's own batch; hidden is private there."""
    small, medium = shop.family("TEE-S", "TEE-M")
    cap = shop.put("CAP")
    stock = Content(price=Decimal(30), stock=Decimal(2), status=ListingStatus.HIDDEN)
    outcomes = list(shop.store.write([Write(ref, ref, ref, stock) for ref in (small, cap, medium)]))
    assert all(isinstance(each, Done) for each in outcomes)
    parent = small.partition("/")[0]
    assert shop.asked() == ["products/batch", f"products/{parent}/variations/batch"]
    assert [each["status"] for each in shop.bodies()[1]["update"]] == ["private", "private"]
    assert shop.shown(medium).content == stock
    assert shop.shelf[int(parent)].type == "variable"


@pytest.mark.parametrize(("field", "value"), [("name", "New name"), ("stock", "3")])
def test_a_variation_does_not_take_what_is_its_parents(shop: WooShop, field: str, value: str) -> None:
    """Name, and stock where the parent keeps it, are refused with the reason."""
    [ref] = shop.family("TEE-S", shared=40)
    assert "parent" in reason(shop.write(ref, "TEE-S", **{field: value}))


def test_a_parent_takes_no_price(shop: WooShop) -> None:
    """A variable product drops its price with 200: that is a refusal."""
    [ref] = shop.family("TEE-S")
    assert "variations" in reason(shop.write(ref.partition("/")[0], "TEE", price="3.00"))


@pytest.mark.parametrize("alike", ["tea-100", "TÉA-100", "ＴＥＡ-１００"])
def test_a_taken_code_names_its_owner(shop: WooShop, alike: str) -> None:
    """A SKU differing by case, accents or width only is the same to WooCommerce: the owner's id is told."""
    ref = shop.put(alike)
    outcome = shop.write(None, "TEA-100", price="1.00")
    assert f"product {ref}" in reason(outcome)
    assert isinstance(outcome, Refused)
    assert "case or accents" in outcome.do


def test_a_code_with_quotes_is_not_created_twice(shop: WooShop) -> None:
    """WooCommerce refuses it as if the bin held it; the remedy names the other possibility."""
    shop.put("IT'S")
    outcome = shop.write(None, "it's", price="1.00")
    assert isinstance(outcome, Refused)
    assert "differs by case" in outcome.do
    assert shop.count() == 1


def test_a_refused_code_is_told_as_the_shop_would_store_it(shop: WooShop) -> None:
    """What begins like a tag is escaped in a SKU, not dropped."""
    assert "'FUNNEL&lt;5'" in reason(shop.write(None, "FUNNEL<5", price="1.00"))


@pytest.mark.parametrize("character", ["n", "&", "\\", "茶", "🫖"])
def test_no_name_is_long_enough_to_crash_the_shop(shop: WooShop, character: str) -> None:
    """A title holds 65,535 bytes; a longer one fails its whole batch with 500."""
    fitting = shop.store.fit(Content(name=character * 70_000), shop.facts)
    assert isinstance(shop.write(None, "LONG", name=fitting.name), Done)
    assert shop.store.look(codes=["LONG"])["LONG"].content.name == fitting.name
    [stored] = [item.name for item in shop.shelf.all()]
    assert len(stored.encode()) <= 65_535


def test_a_gone_product_is_refused(shop: WooShop) -> None:
    """A write to a missing id is 400 in a batch, and an outcome here, for a variation as well."""
    ref, [variation] = shop.put("TEA-100"), shop.family("TEE-S")
    shop.remove(ref)
    shop.remove(variation.partition("/")[0])
    assert "no longer" in reason(shop.write(ref, "TEA-100", stock="3"))
    assert "no longer" in reason(shop.write(variation, "TEE-S", stock="3"))


def test_a_variations_id_is_no_product(shop: WooShop) -> None:
    """An id that became a variation's is refused, not written to somewhere else."""
    [ref] = shop.family("TEE-S")
    assert "no longer" in reason(shop.write(ref.partition("/")[2], "TEE-S", stock="3"))


def test_a_missing_parent_refuses_all_its_variations(shop: WooShop) -> None:
    """Versions that answer 404 for the whole batch have refused each of it."""
    shop.answer_next(404, {"code": "woocommerce_rest_product_invalid_id", "data": {"status": 404}})
    outcomes = list(shop.write_many(["7/8", "7/9"]))
    assert ["no longer" in reason(each) for each in outcomes] == [True, True]


def test_a_binned_product_can_be_taken_out(shop: WooShop) -> None:
    """A status write to a binned ref restores it, so its code is usable again."""
    ref = shop.put("TEA-100")
    shop.bin(ref)
    assert isinstance(shop.write(ref, "TEA-100", status=ListingStatus.HIDDEN), Done)
    assert shop.store.look(codes=["TEA-100"])["TEA-100"].ref == ref


def test_a_ref_of_another_kind_of_store_is_refused(shop: WooShop) -> None:
    """A link that came from elsewhere is not guessed at."""
    assert "no product" in reason(shop.write("gid://elsewhere/1", "TEA-100", stock="3"))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"regular_price": "1250"}, "answered price 1250 where 3.00"),
        ({"name": "Tea!"}, "answered name Tea! where Tea"),
        ({"stock_quantity": 7}, "answered stock 7 where 2"),
        ({"status": "pending"}, ""),
        ({"status": "publish"}, "answered status live where hidden"),
    ],
)
def test_another_value_than_was_sent_is_a_refusal(shop: WooShop, row: dict[str, Any], said: str) -> None:
    """What a plugin makes of our value is seen in the answer."""
    good = {"id": 12, "name": "Tea", "regular_price": "3.00", "manage_stock": True, "stock_quantity": 2}
    shop.answer_next(200, {"update": [{**good, "status": "draft", "type": "simple", **row}]})
    outcome = shop.write("12", name="Tea", price="3.00", stock="2", status=ListingStatus.HIDDEN)
    assert said in reason(outcome) if said else isinstance(outcome, Done)


def test_a_changed_code_is_told(shop: WooShop) -> None:
    """A plugin that renumbers SKUs would have us create for ever."""
    shop.answer_next(200, {"create": [{"id": 12, "sku": "X-1", "name": "TEA", "status": "draft"}]})
    assert "'X-1'" in reason(shop.write(None, "TEA-100", name="TEA"))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"update": []},
        {"update": [{"id": 12}, {"id": 12}]},
        {"update": [{"id": 13, "stock_quantity": 3, "manage_stock": True}]},
        {"update": ["fine"]},
        {"update": {"0": {"id": 12}}},
    ],
)
def test_an_answer_about_other_records_is_in_doubt(shop: WooShop, answer: Any) -> None:
    """Number and order of the answered items must be what was sent."""
    shop.answer_next(200, answer)
    with pytest.raises(OutcomeUnknown):
        shop.write("12", stock="3")


def test_a_user_without_rights_is_told(shop: WooShop) -> None:
    """A refusal for want of rights is no fault of the record."""
    error = {"code": "woocommerce_rest_cannot_edit", "message": "No.", "data": {"status": 403}}
    shop.answer_next(200, {"update": [{"id": 12, "error": error}]})
    assert "may not change" in reason(shop.write("12", "TEA-100", stock="3"))


def test_an_unknown_refusal_is_told_by_its_code(shop: WooShop) -> None:
    """Messages come in the site's language: the code is what tells."""
    error = {"code": "acme_locked", "message": "Produkt ist gesperrt."}
    shop.answer_next(200, {"update": [{"id": 12, "error": error}]})
    outcome = shop.write("12", "TEA-100", stock="3")
    assert "acme_locked" in reason(outcome)
    assert "gesperrt" not in str(outcome)


# The size of a batch.


def test_a_quick_shop_gets_larger_batches(shop: WooShop) -> None:
    """From 50 to 100 after a full batch in under 2.5 seconds, and never more."""
    refs = [shop.put(f"TEA-{n}") for n in range(250)]
    list(shop.write_many(refs))
    assert [len(body["update"]) for body in shop.bodies()] == [50, 100, 100]


def test_a_slow_shop_gets_smaller_batches() -> None:
    """Over 10 seconds a batch is one rung too large."""
    shop = WooShop(batch_item_seconds=0.25)
    refs = [shop.put(f"TEA-{n}") for n in range(110)]
    list(shop.write_many(refs))
    assert [len(body["update"]) for body in shop.bodies()] == [50, 25, 25, 10]


def test_a_batch_cut_off_by_the_host_shrinks_the_next() -> None:
    """After a 504 with half of it saved the write is in doubt, and the next batch is smaller."""
    shop = WooShop(batch_item_seconds=1.0, time_limit=30.0)
    refs = [shop.put(f"TEA-{n}") for n in range(60)]
    with pytest.raises(OutcomeUnknown):
        list(shop.write_many(refs))
    saved = [ref for ref in refs if shop.shelf[int(ref)].stock_quantity == 1]
    assert 0 < len(saved) < 50
    list(shop.write_many(refs))
    assert [len(body["update"]) for body in shop.bodies()] == [50, 25, 10, 10, 10, 5]


def test_a_record_that_crashes_the_shop_ends_up_alone(shop: WooShop) -> None:
    """Where a plugin crashes on one product, the batch shrinks until it takes no others with it."""
    refs = [shop.put(f"TEA-{n}") for n in range(60)]
    crash = f'"id": {refs[0]},'.encode()
    shop.emulator.faults.add("status", status=500, times=9, match=lambda request: crash in request.body)
    for _ in range(4):
        with pytest.raises(OutcomeUnknown):
            list(shop.write_many(refs))
    assert [len(body["update"]) for body in shop.bodies()] == [50, 25, 10, 1]


def test_too_large_a_batch_is_split(shop: WooShop) -> None:
    """A 413 was not carried out: its halves are sent at once, and later batches are smaller."""
    shop.site.batch_limit = 20
    refs = [shop.put(f"TEA-{n}") for n in range(60)]
    outcomes = list(shop.write_many(refs))
    assert [each.key for each in outcomes] == refs
    assert all(isinstance(each, Done) for each in outcomes)


def test_one_record_a_server_refuses_is_found(shop: WooShop) -> None:
    """A refused batch is halved until the one record is alone; the others go through."""
    refs = [shop.put(f"TEA-{n}") for n in range(4)]
    refusal = {"code": "rest_invalid_param", "message": "x", "data": {"status": 400}}
    shop.answer_next(400, refusal)
    shop.answer_next(400, refusal)
    shop.answer_next(400, refusal)
    outcomes = list(shop.write_many(refs))
    assert [type(each) for each in outcomes] == [Refused, Done, Done, Done]


def test_a_missing_route_is_no_records_fault(shop: WooShop) -> None:
    """With WooCommerce switched off nothing is blamed on a product."""
    shop.answer_next(404, {"code": "rest_no_route", "data": {"status": 404}})
    with pytest.raises(RequestRefused, match="no WooCommerce API"):
        list(shop.write_many(["12", "13"]))


def test_a_read_only_key_is_told_from_a_wrong_one(shop: WooShop) -> None:
    """The remedy is the key's permission, not its secret."""
    shop.site.key_permission = "read"
    ref = shop.put("TEA-100")
    with pytest.raises(AuthRejected) as caught:
        shop.write(ref, stock="3")
    assert "Read/Write" in caught.value.do
