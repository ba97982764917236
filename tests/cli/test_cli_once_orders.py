"""`syncd once orders` and `once customers`: what was sold is posted now, and each side says what it did."""

from __future__ import annotations

from tests.system.stage import Stage


def _sell(stage: Stage, email: str = "jo@example.test") -> None:
    stage.put_on_sale("TEA-1", stock=5, listed=5)
    stage.run("once", "recent")
    item = stage.shop.shelf.with_sku("TEA-1")[0]
    stage.shop.till.place((item.id, 2), billing={"email": email, "first_name": "Jo"})


def test_once_orders_posts_what_was_sold(stage: Stage) -> None:
    """The order is in Unleashed afterwards, and the run says so for the store and for the account."""
    _sell(stage)
    done = stage.run("once", "orders")
    assert (done.code, done.err) == (0, "")
    store, account = done.out.splitlines()
    assert store.startswith("store shop: done: 1 read (")
    assert account.startswith("account main: done: 1 posted (")
    assert len(list(stage.unleashed.sales.orders.register.all())) == 1


def test_once_orders_as_a_dry_run_tells_what_would_be_posted(stage: Stage) -> None:
    """--dry-run posts nothing and names the order."""
    _sell(stage)
    done = stage.run("once", "orders", "--dry-run")
    assert done.code == 0
    assert "would post" in done.out
    assert list(stage.unleashed.sales.orders.register.all()) == []


def test_once_orders_ends_with_1_where_an_order_needs_a_person(stage: Stage) -> None:
    """An order that is parked makes the exit code 1, and is counted."""
    _sell(stage, email="")
    done = stage.run("once", "orders")
    assert done.code == 1
    assert "0 posted, 1 parked: see `syncd status`" in done.out


def test_once_customers_links_and_creates_nobody(stage: Stage) -> None:
    """A registered customer whose address Unleashed knows is linked."""
    stage.unleashed.sales.customers.add("JO", "Jo", "jo@example.test")
    stage.shop.till.customers.add("Jo@Example.test", "Jo", "Doe")
    done = stage.run("once", "customers")
    assert done.code == 0
    assert done.out.splitlines()[1].startswith("store shop: done: 1 read, 1 linked (")
    assert len(stage.unleashed.sales.customers.register.all()) == 1
