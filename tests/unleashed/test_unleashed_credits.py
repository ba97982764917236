"""Credit notes are posted and found under any names and numbers; so are shipments."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from syncd.core.aftersale import Shipment
from syncd.emulator.wire import Request
from syncd.errors import BadAnswer, OutcomeUnknown, RequestRefused
from syncd.unleashed.credits import (
    changed_credits,
    complete_credit,
    credit_by_guid,
    credits_by_number,
    credits_like,
    payload,
    post_credit,
)
from syncd.unleashed.sales import payload as sale_payload
from syncd.unleashed.sales import post_sale
from syncd.unleashed.shipments import changed_shipments
from tests.unleashed.unleashed_sale import CREDIT, CREDIT_NOTE, JANE, ORDER, SALE, stocked_world
from tests.unleashed.unleashed_world import START, STRANGER, Canned, World, answer, client_of, page

AN_HOUR_AGO = START - timedelta(hours=1)


def is_post(request: Request) -> bool:
    return request.method == "POST"


def shipments(world: World, hours_ago: float | None = None) -> list[Shipment]:
    since = None if hours_ago is None else START - timedelta(hours=hours_ago)
    return [shipment for found in changed_shipments(world.client(1), since) for shipment in found.rows]


def test_payload_names_what_clients_name() -> None:
    """The payload has the names that public clients send, our reference twice, and no sums."""
    said = json.loads(payload(CREDIT_NOTE))
    assert said["Comments"] == "Refund\nshop:refund:1"
    assert (said["Reference"], said["CreditDate"], said["Guid"]) == ("shop:refund:1", "2026-01-20", CREDIT)
    assert said["CreditLines"] == [
        {
            "LineNumber": 1,
            "Product": {"Guid": "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01"},
            "CreditQuantity": 1,
            "CreditPrice": 9.5,
            "LineTaxCode": "GST",
            "TaxRate": 0.15,
            "Reason": "Broken",
            "Return": True,
        }
    ]
    assert "Total" not in said
    assert payload(CREDIT_NOTE) == payload(CREDIT_NOTE)


@pytest.mark.parametrize("names", ["credit", "note"])
@pytest.mark.parametrize("own", [True, False])
def test_credit_note_is_posted_and_found(names: str, own: bool) -> None:
    """A posted credit note is found by the guid and number of the answer, whoever chose them."""
    kept = "own" if own else "taken"
    world = stocked_world(credit_names=names, credit_guid=kept, credit_number=kept)
    client = world.client()
    made = post_credit(client, payload(CREDIT_NOTE))
    assert (made.guid == CREDIT, made.number == "WEB-88210-R1") == (not own, not own)
    assert (made.status, made.sub_total, made.tax_total, made.total, made.lines) == (
        "Parked",
        Decimal("9.5"),
        Decimal("1.43"),
        Decimal("10.93"),
        1,
    )
    assert (made.customer_guid, made.customer_code) == (JANE, "WEB-1")
    assert credit_by_guid(client, made.guid) == made
    assert credits_by_number(client, made.number) == [made]
    assert credits_by_number(client, "CN-") == credits_by_number(client, " ") == []
    done = complete_credit(client, made.guid)
    assert done is not None
    assert done.status == "Completed"
    with pytest.raises(RequestRefused, match="cannot be changed"):
        complete_credit(client, made.guid)


@pytest.mark.parametrize("reference_shown", [True, False])
@pytest.mark.parametrize("guid", ["own", "taken"])
def test_lost_answer_then_look(reference_shown: bool, guid: str) -> None:
    """After a lost answer the note is found by guid, by reference, or by the reference in its comments."""
    world = stocked_world(credit_guid=guid, credit_number=guid, credit_reference=reference_shown)
    client = world.client()
    assert credits_like(client, CREDIT, "shop:refund:1", AN_HOUR_AGO) == []
    world.emulator.faults.add("lose", match=is_post)
    with pytest.raises(OutcomeUnknown):
        post_credit(client, payload(CREDIT_NOTE))
    (found,) = credits_like(client, CREDIT, "shop:refund:1", AN_HOUR_AGO)
    assert found.total == Decimal("10.93")
    assert len(credits_like(client, STRANGER, "shop:refund:1", AN_HOUR_AGO)) == 1
    assert credits_like(client, STRANGER, "shop:refund", AN_HOUR_AGO) == []


def test_doubtful_answers_about_credit_notes() -> None:
    """An empty answer to a create is in doubt, an unreadable note is an error, a refusal tells why."""
    world = stocked_world()
    world.emulator.faults.add("empty", match=is_post)
    with pytest.raises(OutcomeUnknown, match="does not show the credit note"):
        post_credit(world.client(), payload(CREDIT_NOTE))
    unreadable = {"Guid": CREDIT, "CreditNumber": "N", "SubTotal": 1, "TaxTotal": 0, "Total": "x"}
    with pytest.raises(BadAnswer):
        credits_by_number(client_of(Canned(page([unreadable]))), "N")
    with pytest.raises(BadAnswer):
        credits_like(client_of(Canned(answer("", 404), page([unreadable]))), CREDIT, "r", AN_HOUR_AGO)
    with pytest.raises(BadAnswer, match="about another credit note"):
        credit_by_guid(client_of(Canned(answer({**unreadable, "Total": 1}))), STRANGER)
    world.emulator.sales.customers.remove(JANE)
    with pytest.raises(RequestRefused, match="no such customer"):
        post_credit(world.client(), payload(CREDIT_NOTE))


def test_changed_credit_notes() -> None:
    """The feed of credit notes has what changed, unreadable ones by their number."""
    world = stocked_world()
    post_credit(world.client(), payload(CREDIT_NOTE))
    (found,) = changed_credits(world.client(), AN_HOUR_AGO)
    assert [credit.number for credit in found.rows] == ["WEB-88210-R1"]
    (found,) = changed_credits(client_of(Canned(page([{"Guid": CREDIT, "CreditNoteNumber": "N-7"}]))), None)
    assert "credit note N-7" in found.poison[0].reason


# Shipments


@pytest.mark.parametrize("honoured", [True, False])
@pytest.mark.parametrize("stamped", [True, False])
def test_changed_shipments(honoured: bool, stamped: bool) -> None:
    """A shipment and its later tracking number arrive, with or without a stamp and a filter that works."""
    world = stocked_world(shipments_since=honoured, shipment_stamp=stamped)
    post_sale(world.client(), sale_payload(SALE))
    guid = world.emulator.sales.shipments.ship(ORDER)
    (first,) = shipments(world)
    assert first == Shipment(guid, "WEB-88210", "Dispatched", "", "", START, START if stamped else None)
    world.clock.sleep(7200)
    later = shipments(world, -1)
    assert [shipment.tracking for shipment in later] == ([] if honoured and stamped else [""])
    world.emulator.sales.shipments.track(guid, " 1Z9 ", "Post")
    (tracked,) = shipments(world, -1)
    assert (tracked.tracking, tracked.carrier) == ("1Z9", "Post")


@pytest.mark.parametrize(
    "field", [{"Guid": None}, {"OrderNumber": None}, {"TrackingNumber": 5}, {"ShippingCompany": {"Name": []}}]
)
def test_poisoned_shipment(field: dict[str, object]) -> None:
    """A shipment that cannot be read costs only itself; a carrier may be a text, too."""
    fine = {"Guid": STRANGER, "OrderNumber": "A", "ShippingCompany": "Post", "DispatchDate": "soon"}
    (found,) = changed_shipments(client_of(Canned(page([{**fine, **field}, fine]))), None)
    assert [(shipment.carrier, shipment.dispatched) for shipment in found.rows] == [("Post", None)]
    assert len(found.poison) == 1
