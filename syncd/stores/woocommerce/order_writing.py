"""Tell a WooCommerce order what became of it: a status, and where the goods are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from syncd.core.model import Refused
from syncd.errors import RequestRefused
from syncd.stores.woocommerce.client import PER_PAGE, Client
from syncd.stores.woocommerce.order_fields import meta_value, text
from syncd.stores.woocommerce.order_rows import CANCELLED

META_TRACKING = "_syncd_tracking"
ENDED = (*CANCELLED, "refunded")


@dataclass(slots=True)
class OrderWriter:
    """Writes to orders of one shop, one at a time. Repeating a write changes nothing.

    Only `status` and `meta_data` are ever sent: addresses and lines would have the shop reckon the order
    anew (reference section 7.6). A status mails the buyer what the shop is set to mail for it; a tracking
    number is a note for the staff, which mails nobody.
    """

    client: Client

    def write(self, order_id: str, *, status: str = "", tracking: str = "") -> Refused | None:
        """Bring the order to the status and note the tracking number; "" leaves either alone.

        None: the order shows both. Refused: it is gone, or it was cancelled, refunded or binned meanwhile.
        1 call if there is nothing to do, 2 for a status, 4 with a tracking number. Raises OutcomeUnknown
        when a write was not answered; it may be repeated.
        """
        path = f"orders/{order_id}"
        try:
            row = self.client.record(path, {"_fields": "id,status,meta_data"})
        except RequestRefused as refused:
            if refused.status == 404 and refused.code.endswith("_invalid_id"):
                return Refused(order_id, f"Order {order_id} is no longer in the shop.", "Nothing to do.")
            raise
        if (now := text(row, "status")) in ENDED and now != status:
            what = f"Order {order_id} is {now} in the shop, so it is not changed any more."
            return Refused(order_id, what, "Settle it in the shop by hand if goods were sent.")
        changes = _changes(row, status, tracking)
        if "meta_data" in changes:
            self._note(path, tracking)
        if changes:
            self.client.put(path, changes)
        return None

    def _note(self, path: str, tracking: str) -> None:
        """Add the note unless a write before this one did, whose own end was lost."""
        note = f"Sent, tracking number {tracking}"
        known = self.client.rows(f"{path}/notes", {"per_page": PER_PAGE, "_fields": "id,note"}).rows
        if all(text(each, "note") != note for each in known):
            self.client.post(f"{path}/notes", {"note": note, "customer_note": False})


def _changes(row: Mapping[str, Any], status: str, tracking: str) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if status and text(row, "status") != status:
        changes["status"] = status
    if tracking and meta_value(row, META_TRACKING) != tracking:
        changes["meta_data"] = [{"key": META_TRACKING, "value": tracking}]
    return changes
