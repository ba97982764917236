"""The emulated shop's customers are listed, and hidden, as the real one's are."""

from __future__ import annotations

import pytest

from tests.emulator.woocommerce_caller import Caller
from tests.emulator.woocommerce_shapes import CUSTOMER, shape


@pytest.fixture
def caller() -> Caller:
    return Caller()


def ids(caller: Caller, query: str) -> list[int]:
    return [row["id"] for row in caller.get("/customers", query)]


def test_a_customer_has_the_real_shape(caller: Caller) -> None:
    """Made as in the recordings, it has their fields in their order."""
    made = caller.post(
        "/customers", email="jane@example.test", first_name="Jane", billing={"city": "Auckland"}
    )
    row = caller.get(f"/customers/{made['id']}")
    assert shape(row) == CUSTOMER
    assert (row["email"], row["role"], row["billing"]["city"]) == (
        "jane@example.test",
        "customer",
        "Auckland",
    )
    assert caller.refusal("POST", "/customers", body={"email": "Jane@example.test"}) == (
        400,
        "registration-error-email-exists",
    )


def test_other_roles_are_hidden_unless_asked_for(caller: Caller) -> None:
    """Trap 14: the role is `customer` by default, also when an e-mail is asked for."""
    staff = caller.shop.till.customers.add("Boss@Example.test", role="shop_manager")
    assert ids(caller, "email=boss@example.test") == []
    assert ids(caller, "email=boss@example.test&role=all") == [staff.id]
    assert caller.refusal("GET", "/customers", "email=boss") == (400, "rest_invalid_param")


def test_there_is_no_feed_of_changes(caller: Caller) -> None:
    """modified_after means nothing, and there is no order by change."""
    customer = caller.shop.till.customers.add("jo@example.test")
    assert ids(caller, "modified_after=2099-01-01T00:00:00&dates_are_gmt=true") == [customer.id]
    assert caller.refusal("GET", "/customers", "orderby=modified") == (400, "rest_invalid_param")


def test_customers_are_sorted_and_paged(caller: Caller) -> None:
    """By name unless asked otherwise, by id and by date both ways."""
    first, second = (caller.shop.till.customers.add(f"{name}@example.test") for name in ("zoe", "al"))
    assert ids(caller, "") == [second.id, first.id]
    assert ids(caller, "orderby=id&order=asc") == [first.id, second.id]
    assert ids(caller, "orderby=registered_date&order=desc&per_page=1") == [second.id]
    assert ids(caller, f"include={first.id}") == [first.id]
    assert ids(caller, f"exclude={first.id}") == [second.id]


def test_a_deleted_customer_leaves_the_orders(caller: Caller) -> None:
    """The order keeps the number of somebody who is gone, and the record is 404."""
    customer = caller.shop.till.customers.add("jo@example.test", billing={"email": "jo@example.test"})
    item = caller.shelf.add_simple("TEA", "Green tea", "9.50", 5)
    order = caller.shop.till.place((item.id, 1), customer=customer)
    caller.shop.till.customers.remove(customer.id)
    assert caller.get(f"/orders/{order.id}")["customer_id"] == customer.id
    assert caller.get(f"/orders/{order.id}")["billing"]["email"] == "jo@example.test"
    assert caller.refusal("GET", f"/customers/{customer.id}") == (404, "woocommerce_rest_invalid_id")
