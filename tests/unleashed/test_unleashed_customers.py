"""Customers as Unleashed tells them, found by the whole code or address, created only into a void."""

from __future__ import annotations

import ast
import inspect
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from syncd.core.order import Address
from syncd.core.sale import Customer
from syncd.emulator.wire import Request
from syncd.errors import AuthRejected, BadAnswer, OutcomeUnknown, RequestRefused, Throttled, Unreachable
from syncd.unleashed import customers
from syncd.unleashed.client import Unleashed
from syncd.unleashed.customers import (
    changed_customers,
    create_customer,
    customer_by_guid,
    customers_by_code,
    customers_by_email,
    payload,
)
from tests.unleashed.unleashed_sale import JANE, NEW_CUSTOMER
from tests.unleashed.unleashed_world import START, STRANGER, Canned, World, answer, client_of, page


def row(number: object = 1, **fields: object) -> dict[str, object]:
    """Return a customer's row as Unleashed sends it; keywords replace its fields."""
    guid = f"c2c70000-0000-5000-8000-{number!s:0>12}"
    return {"Guid": guid, "CustomerCode": f"WEB-{number}", "CustomerName": "Jane Doe", **fields}


def only_customer(**fields: object) -> Customer:
    """Return the customer that a row with these fields becomes."""
    (found,) = changed_customers(client_of(Canned(page([row(**fields)]))), None)
    (customer,) = found.rows
    return customer


def codes(client: Unleashed, since_hours_ago: float | None = None) -> list[str]:
    since = None if since_hours_ago is None else START - timedelta(hours=since_hours_ago)
    return [customer.code for found in changed_customers(client, since) for customer in found.rows]


def writes(world: World) -> int:
    """Return how many calls were no reads."""
    return sum(1 for call in world.emulator.calls if call.method != "GET")


def is_post(request: Request) -> bool:
    return request.method == "POST"


# Reading


def test_customer_of_the_documentation() -> None:
    """Every field arrives where it belongs, and every address once: own, copies, contacts."""
    customer = only_customer(
        Guid=JANE.upper(),
        Email=" Jane@example.test ",
        EmailCC="a@example.test; b@example.test,Jane@example.test",
        Contacts=[
            {"EmailAddress": "c@example.test"},
            {"EmailAddress": None},
            {"EmailAddress": "a@example.test"},
        ],
        Currency={"CurrencyCode": "nzd"},
        TaxCode="GST",
        Taxable=False,
        StopCredit=True,
        Obsolete=True,
        SourceId="shop:1",
        LastModifiedOn="/Date(1768435200123)/",
    )
    assert customer.modified is not None
    assert customer.modified.isoformat() == "2026-01-15T00:00:00.123000+00:00"
    assert replace(customer, modified=None) == Customer(
        guid=JANE,
        code="WEB-1",
        name="Jane Doe",
        emails=("Jane@example.test", "a@example.test", "b@example.test", "c@example.test"),
        obsolete=True,
        currency="NZD",
        tax_code="GST",
        taxable=False,
        stop_credit=True,
        source_id="shop:1",
    )


@pytest.mark.parametrize("value", [None, ""])
def test_blank_fields_are_not_set(value: str | None) -> None:
    """null, "" and a missing field all mean that there is nothing."""
    names = ("CustomerName", "Email", "EmailCC", "TaxCode", "SourceId")
    assert only_customer(**dict.fromkeys(names, value)) == only_customer(CustomerName="")


@pytest.mark.parametrize(
    "field",
    [
        {"Guid": None},
        {"CustomerCode": None},
        {"CustomerCode": " "},
        {"CustomerName": "a\0"},
        {"Email": 7},
        {"Email": "\ud800"},
        {"Contacts": "many"},
        {"Contacts": [1]},
        {"Contacts": [{"EmailAddress": {}}]},
        {"Obsolete": "yes"},
        {"Taxable": 1},
        {"Currency": {"CurrencyCode": 5}},
    ],
)
def test_poison_costs_only_itself(field: dict[str, object]) -> None:
    """A customer that cannot be read is left out by name, with its reason; the others arrive."""
    (found,) = changed_customers(client_of(Canned(page([row(1, **field), row(2)]))), None)
    assert [customer.code for customer in found.rows] == ["WEB-2"]
    (poison,) = found.poison
    assert poison.reason.startswith("The row of customer ")
    assert (poison.key + poison.reason + poison.excerpt).isprintable()


def test_feed_asks_for_everybody() -> None:
    """The feed includes obsolete customers and all contacts, on every page."""
    world = World()
    world.emulator.sales.customers.add("OLD", obsolete=True, contacts=("x@example.test",))
    world.emulator.sales.customers.add("NEW")
    world.clock.sleep(7200)
    world.emulator.sales.customers.add("NEWER")
    assert codes(world.client(1)) == ["NEW", "NEWER", "OLD"]
    assert all("includeObsolete=true&includeAllContacts=true" in query for query in world.queries)
    assert codes(world.client(), -1) == ["NEWER"]
    (found,) = [
        each for pages in changed_customers(world.client(), None) for each in pages.rows if each.emails
    ]
    assert found.emails == ("x@example.test",)


@pytest.mark.parametrize("contacts_by_guid", [True, False])
def test_customer_by_guid(contacts_by_guid: bool) -> None:
    """One customer by guid in any spelling with every contact, obsolete or not, or none."""
    world = World(contacts_by_guid=contacts_by_guid)
    world.emulator.sales.customers.add(
        "A", email="a@x.test", guid=JANE, contacts=("b@x.test",), obsolete=True
    )
    found = customer_by_guid(world.client(), JANE.upper())
    assert found is not None
    assert (found.emails, found.obsolete) == (("a@x.test", "b@x.test"), True)
    assert customer_by_guid(world.client(), STRANGER) is None
    with pytest.raises(BadAnswer, match="about another customer"):
        customer_by_guid(client_of(Canned(answer(row(2)))), JANE)


@pytest.mark.parametrize("case_matters", [True, False])
def test_code_is_compared_whole(case_matters: bool) -> None:
    """Of everything that begins like the code, only the same code after trimming counts."""
    world = World(case_matters=case_matters)
    for code in ("WEB-1", "WEB-10", "web-1", "WEB-1 "):
        world.emulator.sales.customers.add(code, obsolete=code == "WEB-1 ")
    assert [found.code for found in customers_by_code(world.client(1), " WEB-1 ")] == ["WEB-1", "WEB-1 "]
    assert customers_by_code(world.client(), "WEB-") == customers_by_code(world.client(), " ") == []


@pytest.mark.parametrize("signature_over", ["decoded", "encoded"])
def test_awkward_codes_are_found(signature_over: str) -> None:
    """A code with characters whose signing nobody documents is looked for by its beginning."""
    world = World(signature_over=signature_over)
    guid = world.emulator.sales.customers.add("Smith & Sons")
    assert [found.guid for found in customers_by_code(world.client(), "Smith & Sons")] == [guid]


@pytest.mark.parametrize("reach", ["every", "primary"])
def test_address_is_compared_whole(reach: str) -> None:
    """jane@x.co does not find jane@x.com, case does not matter, and obsolete customers count."""
    world = World(contact_email_reaches=reach)
    add = world.emulator.sales.customers.add
    add("A", email="Jane@X.co", obsolete=True)
    add("B", email="jane@x.com")
    found = customers_by_email(world.client(), " jane@x.co ")
    assert found is not None
    assert [customer.code for customer in found] == ["A"]


@pytest.mark.parametrize(("reach", "codes"), [("every", ["A", "B"]), ("primary", ["B"])])
def test_address_of_any_contact(reach: str, codes: list[str]) -> None:
    """Two customers with one address are both found, as far as Unleashed looks at contacts."""
    world = World(contact_email_reaches=reach)
    world.emulator.sales.customers.add("A", email="office@x.test", contacts=("jane@x.test",))
    world.emulator.sales.customers.add("B", email="jane@x.test")
    found = customers_by_email(world.client(), "JANE@x.test" if reach == "every" else "jane@x.test")
    assert [customer.code for customer in found or []] == codes


@pytest.mark.parametrize(
    "address", ["jane+shop@x.test", "jané@x.test", "a b@x.test", "o'neill@x.test", "", " "]
)
def test_addresses_that_cannot_be_asked_for(address: str) -> None:
    """An address whose signing is not documented costs no call: the mirror has to decide."""
    world = World()
    assert customers_by_email(world.client(), address) is None
    assert world.emulator.count() == 0


def test_unreadable_customer_is_not_taken_for_absent() -> None:
    """A customer who may be the one but cannot be read is an error."""
    broken = Canned(page([row(1, Obsolete="x"), row(10)]))
    with pytest.raises(BadAnswer, match="customer WEB-1 was left out: Obsolete"):
        customers_by_code(client_of(broken), "WEB-1")
    with pytest.raises(BadAnswer, match="customer WEB-1"):
        customers_by_email(client_of(broken), "jane@x.test")
    assert [found.code for found in customers_by_code(client_of(broken), "WEB-10")] == ["WEB-10"]


# Creating


def test_customer_is_created_in_three_calls() -> None:
    """Guid seen absent, code seen free, then one post that holds all we know."""
    world = World()
    outcome = create_customer(world.client(), NEW_CUSTOMER)
    assert (outcome.created, outcome.record.guid, outcome.record.emails) == (
        True,
        JANE,
        ("jane@example.test",),
    )
    assert [call.method for call in world.emulator.calls] == ["GET", "GET", "POST"]
    stored = world.emulator.sales.customers.get(JANE)
    assert (stored.code, stored.text("PhoneNumber")) == ("WEB-MEYZWBHFIT", "+64 9 555 0100")
    assert [address["AddressType"] for address in stored.addresses] == ["Physical", "Postal", "Shipping"]
    assert stored.addresses[2]["AddressName"] == "Jane Doe, Acme"


@pytest.mark.parametrize("obsolete", [True, False])
def test_known_guid_is_adopted(obsolete: bool) -> None:
    """A customer with the guid is returned as it is, obsolete or not, and nothing is sent."""
    world = World()
    world.emulator.sales.customers.add("OTHER", "Staff's own", guid=JANE, obsolete=obsolete)
    before = world.emulator.sales.customers.get(JANE)
    outcome = create_customer(world.client(), NEW_CUSTOMER)
    assert (outcome.created, outcome.record.code) == (False, "OTHER")
    assert (world.emulator.sales.customers.get(JANE), writes(world)) == (before, 0)


@pytest.mark.parametrize("obsolete", [True, False])
def test_known_code_is_adopted(obsolete: bool) -> None:
    """A customer with the code is returned as it is, obsolete or not, and nothing is sent."""
    world = World()
    guid = world.emulator.sales.customers.add("WEB-MEYZWBHFIT", obsolete=obsolete)
    outcome = create_customer(world.client(), NEW_CUSTOMER)
    assert (outcome.created, outcome.record.guid, writes(world)) == (False, guid, 0)


def test_longer_code_is_no_obstacle() -> None:
    """A customer whose code only begins like ours does not keep ours from being created."""
    world = World()
    world.emulator.sales.customers.add("WEB-MEYZWBHFIT2")
    assert create_customer(world.client(), NEW_CUSTOMER).created


def test_two_customers_with_the_code_are_not_chosen_from() -> None:
    """If two customers have the code, nobody is picked and nothing is sent."""
    world = World()
    world.emulator.sales.customers.add("WEB-MEYZWBHFIT")
    world.emulator.sales.customers.add("WEB-MEYZWBHFIT ")
    with pytest.raises(BadAnswer, match="holds 2 customers with the code"):
        create_customer(world.client(), NEW_CUSTOMER)
    assert writes(world) == 0


@pytest.mark.parametrize("kind", ["lose", "half", "truncate"])
def test_lost_answer_is_looked_up(kind: str) -> None:
    """After a lost or broken answer the next attempt finds the customer and writes nothing."""
    world = World()
    world.emulator.faults.add(kind, match=is_post)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknown):
        create_customer(world.client(), NEW_CUSTOMER)
    assert create_customer(world.client(), NEW_CUSTOMER).created is False
    assert (writes(world), len(world.emulator.sales.customers.register.all())) == (1, 1)


@pytest.mark.parametrize("kind", ["html", "empty", "status"])
def test_answers_that_do_not_say_are_in_doubt(kind: str) -> None:
    """A web page, nothing, or a 5xx leaves open whether the customer was made; the next attempt makes it."""
    world = World()
    world.emulator.faults.add(kind, match=is_post)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknown):
        create_customer(world.client(), NEW_CUSTOMER)
    assert create_customer(world.client(), NEW_CUSTOMER).created is True


def test_answer_about_somebody_else_is_in_doubt() -> None:
    """A 201 that shows another customer is not believed."""
    server = Canned(answer("", 404), page([]), answer(row(2), 201))
    with pytest.raises(OutcomeUnknown, match="not about this customer"):
        create_customer(client_of(server), NEW_CUSTOMER)


@pytest.mark.parametrize("status", [400, 409, 422])
def test_refused_customer(status: int) -> None:
    """A refusal is told with the vendor's words, in whichever status."""
    world = World(validation_status=status)
    with pytest.raises(RequestRefused, match="Currency") as caught:
        create_customer(world.client(), replace(NEW_CUSTOMER, currency="EUR"))
    assert caught.value.status == status


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, AuthRejected),
        (403, AuthRejected),
        (405, RequestRefused),
        (408, OutcomeUnknown),
        (429, Throttled),
        (302, BadAnswer),
        (500, OutcomeUnknown),
        (503, OutcomeUnknown),
    ],
)
def test_statuses_of_a_post(status: int, error: type[Exception]) -> None:
    """Each status of a post says whether it may have been carried out."""
    server = Canned(answer("", 404), page([]), answer({"Description": "no"}, status))
    with pytest.raises(error):
        create_customer(client_of(server), NEW_CUSTOMER)


def test_unreachable_post_is_safe_to_repeat() -> None:
    """A connection that was refused sent nothing, and is not tried again by itself."""
    world = World()
    world.emulator.faults.add("refuse", match=is_post)
    with pytest.raises(Unreachable):
        create_customer(world.client(), NEW_CUSTOMER)
    assert writes(world) == 0
    assert world.emulator.sales.customers.register.all() == []


def test_payload_holds_only_what_is_known() -> None:
    """Blank fields are left out, and a telephone number alone makes no contact."""
    bare = replace(
        NEW_CUSTOMER,
        first_name="",
        last_name="",
        email="",
        currency=None,
        source_id="",
        address=Address(),
        shipping=Address(),
    )
    assert json.loads(payload(bare)) == {
        "Guid": JANE,
        "CustomerCode": "WEB-MEYZWBHFIT",
        "CustomerName": "Jane Doe",
    }
    assert create_customer(World().client(), bare).created


# Nothing is ever changed


def test_module_has_one_write_and_it_looks_first() -> None:
    """The only post of the module stands in create_customer, after the look; nothing else writes."""
    tree = ast.parse(inspect.getsource(customers))
    functions = {node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)}
    writing = {
        name: source for name, source in functions.items() if ".post(" in source or ".write(" in source
    }
    assert list(writing) == ["create_customer"]
    assert (
        0 < writing["create_customer"].index("_already_there(") < writing["create_customer"].index(".post(")
    )
    assert not [name for name in functions if name.startswith(("update", "change_", "set_", "delete", "put"))]


@pytest.mark.parametrize("upsert", ["blanks", "keeps"])
def test_existing_customers_never_change_on_the_wire(upsert: str) -> None:
    """Whatever is asked of the module, customers that were there are afterwards as before, to the stamp."""
    world = World(upsert=upsert)
    register = world.emulator.sales.customers.register
    for number in range(1, 6):
        world.emulator.sales.customers.add(f"WEB-{number}", email=f"jane{number}@x.test", Notes="staff's")
    before = {customer.guid: customer for customer in register.all()}
    world.clock.sleep(3600)
    client = world.client()
    list(changed_customers(client, None))
    for customer in before.values():
        customer_by_guid(client, customer.guid)
        customers_by_email(client, customer.text("Email"))
        create_customer(client, replace(NEW_CUSTOMER, guid=customer.guid))
        create_customer(client, replace(NEW_CUSTOMER, guid=STRANGER, code=customer.code))
    assert {customer.guid: customer for customer in register.all()} == before
    assert writes(world) == 0


def test_customer_seen_late_is_blanked_at_worst_by_the_same() -> None:
    """If our customer is not visible yet, a second attempt sends the very same record, and makes one."""
    world = World(seen_after=timedelta(minutes=5))
    world.emulator.faults.add("lose", match=is_post)
    with pytest.raises(OutcomeUnknown):
        create_customer(world.client(), NEW_CUSTOMER)
    world.clock.sleep(60)
    assert create_customer(world.client(), NEW_CUSTOMER).record.guid == JANE
    world.clock.sleep(600)
    assert [customer.code for customer in world.emulator.sales.customers.register.all()] == ["WEB-MEYZWBHFIT"]
