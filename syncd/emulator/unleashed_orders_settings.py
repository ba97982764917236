"""What the emulated Unleashed does with customers, orders and credit notes where nobody knows for sure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class SalesSettings:
    """One answer per open question about what is posted; every default is what the evidence favours.

    Section numbers are those of the project's Unleashed reference, where each question is marked
    UNVERIFIED. Tests run with both answers.
    """

    seen_after: timedelta = timedelta(0)
    """How long after its 201 a record answers 404 and is in no list; it is in the books at once (7.5)."""

    validation_status: Literal[400, 409, 422] = 400
    """What a record that breaks a rule gets (1.4)."""

    upsert: Literal["blanks", "keeps"] = "blanks"
    """A POST to a known customer or product blanks the fields it leaves out, or keeps them (4.4, 11.32)."""

    same_code: Literal["any_case", "exact"] = "any_case"
    """Two codes or numbers are the same in any letter case, or only if equal (11.27)."""

    customer_code_change: Literal["refuse", "ignore"] = "refuse"
    """A POST to a known customer with another code, which is permanent (6.3)."""

    contact_email_reaches: Literal["every", "primary"] = "every"
    """`contactEmail` matches any contact of a customer, or the customer's own address alone (6.2)."""

    contacts_by_guid: bool = True
    """`/Customers/{guid}` lists all contacts; False: only with `includeAllContacts=true` (6.2)."""

    email_copy_in_filter: bool = False
    """`contactEmail` looks into `EmailCC` too (6.2)."""

    order_number_filter: Literal["prefix", "exact"] = "prefix"
    """`orderNumber` matches the start, as an integrator saw, or the whole, as documented (7.2)."""

    source_id_filter: Literal["exact", "prefix"] = "exact"
    """`sourceId` matches the whole, or the start (7.2)."""

    source_id_shows_deleted: bool = False
    """`sourceId`, which overrides all other filters, also overrides that deleted orders hide (7.2)."""

    deleted_order: Literal["shown", "missing"] = "shown"
    """A deleted order by guid: as `Deleted`, or 404 (7.2)."""

    order_totals: Literal["sums", "lines", "recompute"] = "sums"
    """Totals must equal the sums of the lines' own figures; the lines' figures must be right, too; or the
    server computes everything itself, as in 2014 (7.4)."""

    rounding: Literal["half_up", "half_even"] = "half_up"
    """How the server rounds to `money_places` (7.3)."""

    money_places: int = 2
    """Places of the amounts the server computes (7.3)."""

    order_number_limit: int | None = 17
    """Longest order number; a support article has 17, the documents nothing; None: no bound (7.3)."""

    duplicate_order_number: Literal["refuse", "allow"] = "refuse"
    """A second order with a number that is taken (12, test 9)."""

    deleted_number_is_free: bool = False
    """The number of a deleted order may be used again (12, test 9)."""

    repeated_order: Literal["update", "refuse"] = "update"
    """A POST to the guid of an open order; completed and deleted ones always refuse (7.5)."""

    post_completed: bool = True
    """An order may be posted as `Completed` at once, as in 2014; False: `/Complete` only (7.3)."""

    complete_answer: Literal["order", "empty"] = "order"
    """The body of a successful `/Complete` (7.2)."""

    complete_short: bool = True
    """An order may be completed without the stock for it (7.3)."""

    default_warehouse: bool = True
    """An order without warehouse goes to the default one, as in 2014; False: refused (7.3)."""

    exchange_rate_needed: bool = False
    """An order without `ExchangeRate` is refused (7.3)."""

    negative_prices: bool = True
    """A line may have a unit price below zero (7.3)."""

    parked_allocates: bool = True
    """Parked orders reserve stock, as in 2014 (5.4)."""

    allocate_flag: bool = True
    """`AllocateProduct: false` keeps an order from reserving (12, test 8)."""

    credit_guid: Literal["taken", "own"] = "taken"
    """A credit note has the guid it is posted with, or one of the server's (7.8)."""

    credit_number: Literal["taken", "own"] = "taken"
    """A credit note has the number it is posted with, or the next of the server's series (7.8)."""

    credit_names: Literal["credit", "note"] = "credit"
    """Fields of an answer: `CreditNumber`, `Status`, `CreditLines`, or `CreditNoteNumber`, `CreditStatus`,
    `Lines` (7.8)."""

    credit_tax: Literal["computed", "taken"] = "computed"
    """The tax of a credit line is computed, or the one it is posted with (7.8)."""

    credit_reference: bool = True
    """A credit note shows the `Reference` it was posted with; False: the field is missing (7.8)."""

    shipments_since: bool = True
    """SalesShipments honours `modifiedSince`; False: it is ignored (7.7)."""

    shipment_stamp: bool = True
    """A shipment has `LastModifiedOn`; False: the field is missing (7.7)."""
