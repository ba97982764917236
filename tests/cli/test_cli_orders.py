"""`syncd orders`: what is on its way, why it stands, and a person's word on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.system.stage import CLOCK, Stage

BILLING = {
    "first_name": "Markeda",
    "last_name": "Buyer",
    "address_1": "Marked Lane 4",
    "city": "Auckland",
    "country": "NZ",
    "email": "marked.buyer@example.test",
}
KEYS = {
    *("store", "kind", "id", "number", "state", "state_at", "created", "due_at", "attempts", "total"),
    *("currency", "order_number", "cause", "reason", "do"),
}


def bought(stage: Stage, *skus: str, **more: Any) -> str:
    """Sell one of each in the shop and return the order's id."""
    taken = [(stage.shelf.with_sku(sku)[0].id, 1) for sku in skus]
    return str(stage.shop.till.place(*taken, billing=BILLING, **more).id)


def stand_still(stage: Stage) -> str:
    """Sell something in a currency that the account does not keep; return the order's id, which is parked."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    stage.shop.settings.currency = "EUR"
    order = bought(stage, "TEA-1")
    assert stage.run("once", "orders").code == 1
    return order


def test_an_order_is_listed_and_shown(stage: Stage) -> None:
    """A posted order is in the list and, with its time line and both sides' totals, shown in full."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    order = bought(stage, "TEA-1")
    assert stage.run("once", "orders").code == 0
    listed = stage.run("orders", "list").out
    assert f"(id {order})" in listed
    assert f"posted as WEB-{order}" in listed
    assert "shop: 1 posted" in listed
    shown = stage.run("orders", "show", order)
    assert shown.code == 0
    for part in ("received", "sending: attempt 1", "confirmed", "1 × TEA-1 at 10", "sent: Guid"):
        assert part in shown.out, part
    assert stage.run("orders", "show", f"WEB-{order}").out == shown.out


def test_orders_json_has_its_shape(stage: Stage) -> None:
    """list and show print the documented keys, and neither who the buyer is."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    order = bought(stage, "TEA-1")
    stage.run("once", "orders")
    listed = stage.run("orders", "list", "--json").json
    assert set(listed) == {"schema", "orders", "counts"}
    [row] = listed["orders"]
    assert set(row) == KEYS
    assert (row["id"], row["state"], row["total"]) == (order, "posted", "10")
    assert listed["counts"]["shop"]["posted"] == 1
    shown = stage.run("orders", "show", order, "--json")
    assert set(shown.json) == KEYS | {
        *("schema", "received_at", "posted_at", "changed_at", "guid", "payload_hash", "sent", "found"),
        *("told_store", "events"),
    }
    assert set(shown.json["events"][0]) == {"at", "event", "detail", "run"}
    assert [mark for mark in ("Marked Lane", "marked.buyer") if mark in shown.text] == []


def test_a_parked_order_says_why_and_is_tried_again(stage: Stage) -> None:
    """The list names reason and remedy; after the remedy, retry and the next run post it."""
    order = stand_still(stage)
    listed = stage.run("orders", "list", "--state", "parked")
    assert "is in EUR, the Unleashed account in" in listed.out
    assert stage.run("status", "--check").code == 1
    done = stage.run("orders", "retry", order)
    assert (done.code, "syncd once orders" in done.out) == (0, True)
    assert stage.run("orders", "show", order, "--json").json["state"] == "due"
    assert stage.run("once", "orders").code == 1
    assert stage.run("orders", "show", order, "--json").json["state"] == "parked"


def test_all_of_one_cause_are_retried(stage: Stage) -> None:
    """--all with a cause takes those alone; without one everything that is stuck."""
    order = stand_still(stage)
    cause = stage.run("orders", "show", order, "--json").json["cause"]
    assert stage.run("orders", "retry", "--all", "--cause", "another", "--json").json["items"] == []
    [item] = stage.run("orders", "retry", "--all", "--cause", cause, "--json").json["items"]
    assert (item["id"], item["outcome"], item["state"]) == (order, "retried", "due")
    assert set(item) == {"store", "asked", "outcome", "id", "state", "reason", "do"}
    assert stage.run("orders", "retry", "--all").code == 0


def test_a_skipped_order_stays_skipped_and_can_be_imported(stage: Stage) -> None:
    """skip keeps the reason; runs leave it alone; import makes it wanted again."""
    order = stand_still(stage)
    assert stage.run("orders", "skip", order, "--reason", "posted by hand as SO-1").code == 0
    shown = stage.run("orders", "show", order)
    assert "skip: posted by hand as SO-1" in shown.out
    assert stage.run("once", "orders").code == 0
    assert stage.run("status", "--check").code == 0
    again = stage.run("orders", "skip", order, "--reason", "twice")
    assert (again.code, "is skipped" in again.out) == (1, True)
    assert stage.run("orders", "import", order).code == 0
    assert stage.run("orders", "show", order, "--json").json["state"] == "waiting"


def test_an_old_order_is_imported_by_id_or_time(stage: Stage) -> None:
    """An order before orders.since is left alone until a person imports it, by id or by time."""
    stage.put_on_sale("TEA-1", stock=9, listed=9)
    stage.run("once", "recent")
    ids = [bought(stage, "TEA-1") for _ in range(2)]
    later = (CLOCK.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    stage.more = f"[store.shop.orders]\nsince = {later}"
    stage.run("once", "orders")
    assert stage.run("orders", "list", "--json").json["counts"]["shop"]["posted"] == 0
    assert stage.run("orders", "import", ids[0]).code == 0
    stage.run("once", "orders")
    states = {row["id"]: row["state"] for row in stage.run("orders", "list", "--json").json["orders"]}
    assert states[ids[0]] == "posted"
    early = (CLOCK.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert stage.run("orders", "import", "--since", early).code == 0
    stage.run("once", "orders")
    states = {row["id"]: row["state"] for row in stage.run("orders", "list", "--json").json["orders"]}
    assert states == dict.fromkeys(ids, "posted")


def test_what_is_not_there_is_said(stage: Stage) -> None:
    """An unknown order is exit code 1 with what to do, an unclear wish a usage error."""
    stage.put_on_sale()
    stage.run("once", "orders")
    for command in (("show", "77"), ("retry", "77"), ("skip", "77", "--reason", "x"), ("import", "77")):
        done = stage.run("orders", *command)
        assert (done.code, "77" in done.text) == (1, True), command
    unclear: tuple[tuple[str, ...], ...] = (
        ("retry",),
        ("retry", "1", "--all"),
        ("import",),
        ("list", "--state", "lost"),
        ("import", "--since", "x"),
    )
    for words in unclear:
        assert stage.run("orders", *words).code == 2, words


def test_an_ambiguous_customer_is_decided_by_hand(stage: Stage) -> None:
    """Two customers with one address park the order; `links set --customer` decides, and it is posted."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    for code in ("ANNA", "BERT"):
        stage.unleashed.sales.customers.add(code, f"Customer {code}", email=BILLING["email"])
    stage.run("once", "recent")
    stage.run("once", "customers")
    order = bought(stage, "TEA-1")
    assert stage.run("once", "orders").code == 1
    [waiting] = stage.run("links", "list", "--customers", "--json").json["customers"]
    assert waiting["candidates"] == ["ANNA", "BERT"]
    assert "ANNA, BERT" in stage.run("links", "list", "--customers").out
    assert stage.run("links", "set", "--customer", waiting["ref"], "NOBODY").code == 1
    assert stage.run("links", "set", "--customer", waiting["ref"], "BERT").code == 0
    assert stage.run("links", "list", "--customers", "--json").json["customers"] == []
    stage.run("orders", "retry", order)
    assert stage.run("once", "orders").code == 0
    assert stage.run("links", "unset", "--customer", waiting["ref"]).code == 0


def test_reconcile_compares_both_sides(stage: Stage) -> None:
    """Equal sides are exit code 0 with both sums, in words and as JSON."""
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    bought(stage, "TEA-1")
    stage.run("once", "orders")
    done = stage.run("orders", "reconcile", "--days", "3", "--json")
    [store] = done.json["stores"]
    assert (done.code, done.json["days"], store["store"], store["differences"]) == (0, 3, "shop", [])
    assert set(store) == {
        *("store", "since", "until", "open", "left_out", "posted", "unleashed", "differences"),
    }
    assert set(store["posted"]) == set(store["unleashed"]) == {"orders", "total"}
    assert "No differences." in stage.run("orders", "reconcile").out
