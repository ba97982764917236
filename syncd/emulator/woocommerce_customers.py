"""The endpoints for customers: no change feed, and roles that hide who has none asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.emulator.woocommerce_customers_records import BILLING, SHIPPING, Customer
from syncd.emulator.woocommerce_orders_list import PEOPLE, cut
from syncd.emulator.woocommerce_query import page_links
from syncd.emulator.woocommerce_schema import Field, check, id_parts
from syncd.emulator.woocommerce_shop import Answer, Ask, Refused, Shop

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_FIELDS = {
    **dict.fromkeys(("email", "first_name", "last_name", "username", "password"), Field("string")),
    **dict.fromkeys(("billing", "shipping"), Field("object")),
    "meta_data": Field("array"),
}
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass(slots=True)
class Customers:
    """Registered customers of one shop (reference section 6)."""

    shop: Shop

    def list_customers(self, ask: Ask) -> Answer:
        """GET /customers: role `customer` by name unless asked otherwise; modified_after means nothing."""
        check(ask.params, PEOPLE, self.shop.settings)
        self.shop.demand(ask, "view", "cannot_view", "you cannot list resources")
        rows, page = cut(self._sorted(self._wanted(ask.params), ask.params), ask.params)
        headers = {"X-WP-Total": str(page.total), "X-WP-TotalPages": str(page.pages)}
        links = page_links(page, ask.params, self.shop.url("/customers"))
        return Answer([self._row(each) for each in rows], headers=headers, links=links)

    def read_customer(self, ask: Ask) -> Answer:
        """GET /customers/{id}, whatever the role."""
        customer = self.shop.till.customers.get(ask.ids[0])
        if customer is None:
            raise Refused(404, "woocommerce_rest_invalid_id", "Invalid resource ID.")
        self.shop.demand(ask, "view", "cannot_view", "you cannot view this resource")
        return Answer(self._row(customer))

    def create_customer(self, ask: Ask) -> Answer:
        """POST /customers: a known e-mail is refused, and not told whose it is."""
        check(ask.body, _FIELDS, self.shop.settings)
        self.shop.demand(ask, "products", "cannot_create", "you are not allowed to create resources")
        email = str(ask.body.get("email", ""))
        if self.shop.till.customers.with_email(email) is not None:
            text = f"An account is already registered with {email}."
            raise Refused(400, "registration-error-email-exists", text)
        known = {name: ask.body[name] for name in ("username", "billing", "shipping") if name in ask.body}
        names = (str(ask.body.get("first_name", "")), str(ask.body.get("last_name", "")))
        meta = {"default_password_nag": "1"}
        customer = self.shop.till.customers.add(email, *names, meta=meta, **known)
        self.shop.shelf.revision += 1
        where = self.shop.url(f"/customers/{customer.id}")
        return Answer(self._row(customer), 201, {"Location": where})

    def _wanted(self, params: Mapping[str, str]) -> list[Customer]:
        email, role = params.get("email", ""), params.get("role", "customer")
        if email and not _EMAIL.fullmatch(email):
            text = "Invalid email address."
            raise Refused(400, "rest_invalid_param", "Invalid parameter(s): email", params={"email": text})
        include = id_parts(params.get("include", ""))
        exclude = id_parts(params.get("exclude", ""))
        return [
            each
            for each in self.shop.till.customers.all()
            if role in ("all", each.role)
            and (not email or each.email.lower() == email.lower())
            and (not include or str(each.id) in include)
            and str(each.id) not in exclude
        ]

    def _sorted(self, found: list[Customer], params: Mapping[str, str]) -> list[Customer]:
        orderby = params.get("orderby", "name")
        if orderby == "include":
            wanted = [int(each) for each in id_parts(params.get("include", ""))]
            return sorted(found, key=lambda each: wanted.index(each.id) if each.id in wanted else 0)
        keys = {
            "id": lambda each: each.id,
            "name": lambda each: (each.username, each.id),
            "registered_date": lambda each: (each.created, each.id),
        }
        return sorted(found, key=keys[orderby], reverse=params.get("order", "asc") == "desc")

    def _row(self, customer: Customer) -> dict[str, Any]:
        collection = self.shop.url("/customers")
        own = {"href": f"{collection}/{customer.id}", "targetHints": {"allow": _METHODS}}
        face = hashlib.sha256(customer.email.strip().lower().encode()).hexdigest()
        return {
            "id": customer.id,
            "date_created": self.shop.local(customer.created),
            "date_created_gmt": self.shop.gmt(customer.created),
            "date_modified": self.shop.local(customer.modified),
            "date_modified_gmt": self.shop.gmt(customer.modified),
            "email": customer.email,
            "first_name": customer.first_name,
            "last_name": customer.last_name,
            "role": customer.role,
            "username": customer.username,
            "billing": {name: customer.billing.get(name, "") for name in BILLING},
            "shipping": {name: customer.shipping.get(name, "") for name in SHIPPING},
            "is_paying_customer": customer.is_paying,
            "avatar_url": f"{self.shop.home}/avatar/{face}?s=96",
            "meta_data": [dict(each) for each in customer.meta],
            "_links": {"self": [own], "collection": [{"href": collection}]},
        }
