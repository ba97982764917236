"""Who is registered with a WooCommerce shop, and what its people do with their records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

BILLING = (
    *("first_name", "last_name", "company", "address_1", "address_2", "city", "postcode", "country"),
    *("state", "email", "phone"),
)
SHIPPING = tuple(name for name in BILLING if name != "email")


@dataclass(slots=True)
class Customer:
    """One user of the site. Stamps are whole seconds since 1970 UTC; guests have no such record."""

    id: int
    email: str
    first_name: str = ""
    last_name: str = ""
    role: str = "customer"
    username: str = ""
    billing: dict[str, str] = field(default_factory=dict)
    shipping: dict[str, str] = field(default_factory=dict)
    is_paying: bool = False
    meta: list[dict[str, Any]] = field(default_factory=list)
    created: int = 0
    modified: int = 0


class Register:
    """The users of a site in memory, with ids that count up from 2: the first is the owner's, unlisted."""

    def __init__(self, clock: Callable[[], datetime], next_meta_id: Callable[[], int]) -> None:
        self.clock, self._next_meta_id = clock, next_meta_id
        self._customers: dict[int, Customer] = {}
        self._last_id = 1

    def add(
        self,
        email: str,
        first_name: str = "",
        last_name: str = "",
        *,
        meta: dict[str, Any] | None = None,
        **values: Any,
    ) -> Customer:
        """Register somebody; `meta` by key, `values` are further fields. The e-mail is kept as entered."""
        self._last_id += 1
        now = int(self.clock().timestamp())
        name = email.partition("@")[0].lower()
        customer = Customer(self._last_id, email, first_name, last_name, created=now, modified=now)
        customer.username = values.pop("username", name)
        for field_name, value in values.items():
            setattr(customer, field_name, value)
        customer.meta = [self._meta(key, value) for key, value in (meta or {}).items()]
        self._customers[customer.id] = customer
        return customer

    def edit(self, customer: Customer, **values: Any) -> None:
        """Change fields as the customer does in the profile: date_modified moves."""
        for name, value in values.items():
            if name == "meta":
                customer.meta = [self._meta(key, each) for key, each in value.items()]
            else:
                setattr(customer, name, value)
        customer.modified = int(self.clock().timestamp())

    def remove(self, customer_id: int) -> None:
        """Delete a user; their orders stay and keep the number."""
        del self._customers[customer_id]

    def get(self, customer_id: int) -> Customer | None:
        return self._customers.get(customer_id)

    def all(self) -> list[Customer]:
        """Return everybody, whatever their role, in order of id."""
        return list(self._customers.values())

    def with_email(self, email: str) -> Customer | None:
        """Return who carries the e-mail; case does not count."""
        return next((each for each in self.all() if each.email.lower() == email.lower()), None)

    def _meta(self, key: str, value: Any) -> dict[str, Any]:
        return {"id": self._next_meta_id(), "key": key, "value": value}
