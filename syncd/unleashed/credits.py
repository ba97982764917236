"""Post free-entry credit notes to Unleashed, and find out what it has of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from syncd.core.aftersale import Credit, CreditFound, CreditLine
from syncd.unleashed import fields
from syncd.unleashed.client import Unleashed
from syncd.unleashed.outgoing import filled, json_bytes, named
from syncd.unleashed.paging import Resource, RowPage, read_pages, read_single, since_filter
from syncd.unleashed.sales import thin_customer
from syncd.unleashed.wire import Reader, Row, Undecodable, parse_loose

PATH = "/CreditNotes"
CREATE = f"{PATH}/FreeCredit"


class CreditRow(Row):
    """A credit note under both names that its fields have in public clients (UNVERIFIED, 7.8)."""

    credit_number: object = None
    credit_note_number: object = None
    status: object = None
    credit_status: object = None
    credit_lines: object = None
    lines: object = None
    sub_total: object = None
    tax_total: object = None
    total: object = None
    reference: object = None
    comments: object = None
    customer: object = None
    last_modified_on: object = None

    def label(self) -> object:
        return self.credit_number if self.credit_note_number is None else self.credit_note_number


def _credit(row: CreditRow) -> CreditFound:
    customer_guid, customer_code = thin_customer(row.customer)
    status = row.status if row.credit_status is None else row.credit_status
    lines = row.credit_lines if row.lines is None else row.lines
    return CreditFound(
        guid=fields.guid(row.guid, "Guid"),
        number=fields.text(row.label(), "CreditNumber"),
        status=fields.text(status, "Status").strip(),
        sub_total=fields.quantity(row.sub_total, "SubTotal"),
        tax_total=fields.quantity(row.tax_total, "TaxTotal"),
        total=fields.quantity(row.total, "Total"),
        reference=fields.text(row.reference, "Reference"),
        comments=fields.text(row.comments, "Comments"),
        customer_guid=customer_guid,
        customer_code=customer_code,
        lines=len(lines) if isinstance(lines, list) else None,
        modified=fields.moment(row.last_modified_on),
    )


CREDITS = Resource(PATH, Reader(CreditRow, _credit, "credit note"))


def payload(credit: Credit) -> bytes:
    """Return the credit note as it is posted to be a free-entry one: Parked until it is completed.

    Names as three public clients send them; the vendor's own page could not be read. Unleashed computes the
    sums, so none are sent. Our own reference is in the comments too, in case it is not shown.
    """
    comments = "\n".join(part for part in (credit.comments.strip(), credit.reference) if part)
    return json_bytes(
        {
            "Guid": fields.guid(credit.guid, "guid"),
            **filled(CreditNumber=credit.number),
            "Reference": credit.reference,
            "CreditDate": credit.credit_date.isoformat(),
            "Customer": named(credit.customer_guid, "CustomerCode", credit.customer_code),
            **filled(Warehouse=filled(WarehouseCode=credit.warehouse)),
            **filled(Currency=filled(CurrencyCode=credit.currency), ExchangeRate=credit.exchange_rate),
            "Tax": {"TaxCode": credit.tax_code},
            "Comments": comments,
            "CreditLines": [_line(line) for line in credit.lines],
        }
    )


def _line(line: CreditLine) -> dict[str, object]:
    return {
        **filled(Guid=line.guid),
        "LineNumber": line.number,
        "Product": named(line.product_guid, "ProductCode", line.code),
        "CreditQuantity": line.quantity,
        "CreditPrice": line.price,
        "LineTaxCode": line.tax_code,
        "TaxRate": line.tax_rate,
        **filled(Reason=line.reason),
        "Return": line.returns,
    }


def post_credit(client: Unleashed, body: bytes) -> CreditFound:
    """Send a payload once and return what Unleashed says it has stored: 1 call.

    Guid and number in the answer may be Unleashed's own, and the sums are: the caller keeps the guid and
    compares the sums. Raises RequestRefused for a refusal, OutcomeUnknown if the answer was lost or cannot be
    read (look with `credits_like`), and what `Unleashed.post` raises. Documents: CreditNotes/FreeCredit.
    """
    found = _readable(client.post(CREATE, body))
    if len(found) != 1:
        raise client.in_doubt(CREATE, "does not show the credit note")
    return found[0]


def complete_credit(client: Unleashed, guid: str) -> CreditFound | None:
    """Complete a credit note: 1 call. Returns it if the answer holds it. Raises as `post_credit` does."""
    wanted = fields.guid(guid, "guid")
    found = _readable(client.post(f"{PATH}/{wanted}/Complete", b"{}"))
    return found[0] if len(found) == 1 and found[0].guid == wanted else None


def credit_by_guid(client: Unleashed, guid: str) -> CreditFound | None:
    """Return one credit note, or None if Unleashed says that there is none (404).

    Raises BadAnswer if the answer cannot be read or is about another credit note.
    """
    wanted = fields.guid(guid, "guid")
    path = f"{PATH}/{wanted}"
    found = read_single(client, path, CREDITS.reader)
    if any(credit.guid != wanted for credit in found) or len(found) > 1:
        raise client.bad(path, "is about another credit note")
    return found[0] if found else None


def credits_by_number(client: Unleashed, number: str) -> list[CreditFound]:
    """Return the credit notes with exactly this number; this filter overrides all others (7.8).

    Raises BadAnswer if one of them cannot be read, and what `paging.read_pages` raises.
    """
    found: list[CreditFound] = []
    for page in read_pages(client, CREDITS, [("creditNumber", number)]) if number.strip() else ():
        if page.poison:
            raise client.bad(PATH, f"cannot be used. {page.poison[0].reason.rstrip('.')}")
        found += [credit for credit in page.rows if credit.number == number]
    return found


def changed_credits(client: Unleashed, since: datetime | None) -> Iterator[RowPage[CreditFound]]:
    """Yield page after page of the credit notes created or changed since then; `since` None reads all.

    Deleted ones are left out. Raises what `paging.read_pages` raises. Filters: CreditNotes, 7.8.
    """
    return read_pages(client, CREDITS, since_filter(since))


def credits_like(client: Unleashed, guid: str, reference: str, since: datetime) -> list[CreditFound]:
    """Return the credit note that was posted under this guid or reference, after a lost answer.

    By guid first (1 call); whether Unleashed takes it is not known, so else among those changed since just
    before the attempt (aware), by reference or by the reference as a line of the comments. Empty: it was not
    carried out, or is not visible yet. Raises BadAnswer if any of them cannot be read.
    """
    by_guid = credit_by_guid(client, guid)
    if by_guid is not None:
        return [by_guid]
    found: list[CreditFound] = []
    for page in changed_credits(client, since):
        if page.poison:
            raise client.bad(PATH, f"cannot be used. {page.poison[0].reason.rstrip('.')}")
        found += [credit for credit in page.rows if _is_ours(credit, reference)]
    return found


def _is_ours(credit: CreditFound, reference: str) -> bool:
    return reference == credit.reference or reference in credit.comments.splitlines()


def _readable(body: bytes) -> Sequence[CreditFound]:
    try:
        return CREDITS.reader.read(parse_loose(body)).rows
    except Undecodable:
        return ()
