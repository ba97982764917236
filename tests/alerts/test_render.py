"""How a mail reads, and what never stands in one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from syncd import log
from syncd.alerts.grouping import Group, grouped
from syncd.alerts.render import LONGEST_SUBJECT, Digest, StoreDay, alert_letter, digest_letter
from syncd.core.alert import Alert

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

TAX = Group(
    cause="parked: tax code",
    what=('store shop: 500 orders are parked: no tax code of Unleashed has the rate 15 % ("standard").',),
    do=("Set orders.tax_codes. For all 500 at once: `syncd orders retry --all --store shop --cause tax`.",),
    examples=("1499, 1498, …",),
    times=500,
    since=NOON,
    again=False,
)
LATE = Group(
    cause="late: recent",
    what=("account main: recent has not gone well since 2026-11-20 08:00 UTC.",),
    do=("See the log.",),
    examples=(),
    times=1,
    since=NOON - timedelta(days=1),
    again=True,
    more=3,
)

GOLDEN = """\
store shop: 500 orders are parked: no tax code of Unleashed has the rate 15 % ("standard").
  For example: 1499, 1498, …
  What to do: Set orders.tax_codes. For all 500 at once: `syncd orders retry --all --store shop --cause tax`.

STILL, since 2026-11-20 12:00 UTC:
account main: recent has not gone well since 2026-11-20 08:00 UTC.
… and 3 more
  What to do: See the log.

--
syncd, version 1, stores shop. Each cause is told once,
again when it has grown tenfold, and once a day while it lasts.
`syncd status` shows what is open now.
"""

GOLDEN_DIGEST = """\
From 2026-11-20 12:00 UTC to 2026-11-21 12:00 UTC

store shop: 41 orders posted
  posted: 812
  given up: 1
account main: 312 of 5000 calls this month

Nothing is open.

--
syncd, version 1, stores shop. This summary comes once a day; `[alerts] digest` sets when.
"""


def test_five_hundred_orders_are_one_mail() -> None:
    """The text names cause, examples and the one command; the subject the first trouble."""
    letter = alert_letter([TAX, LATE], "version 1, stores shop")
    assert letter.text.strip() == GOLDEN.strip()
    assert letter.subject.startswith("syncd: store shop: 500 orders are parked:")
    assert letter.subject.endswith(" (and 1 more)")
    assert len(letter.subject) <= LONGEST_SUBJECT


def test_the_page_says_the_same_and_is_escaped() -> None:
    """The page has every sentence of the text, and no mark-up that came with one."""
    evil = Group("x", ('<script>alert("1")</script> & more',), ("`do` <b>it</b>",), (), 1, NOON, again=False)
    page = alert_letter([evil, TAX], "version 1").html
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "500 orders are parked" in page
    assert "For example: 1499, 1498, …" in page


def test_the_digest_tells_the_day() -> None:
    """The summary has posted orders, states and calls, and says that nothing is open or what is."""
    day = StoreDay("shop", (("posted", 812), ("given up", 1)), 41)
    digest = Digest(NOON - timedelta(days=1), NOON, (day,), (("main", "312 of 5000 calls this month"),))
    quiet = digest_letter(digest, [], "version 1, stores shop")
    assert quiet.text.strip() == GOLDEN_DIGEST.strip()
    assert quiet.subject == "syncd: 41 orders posted, all well"
    loud = digest_letter(digest, [TAX], "version 1")
    assert "500 orders are parked" in loud.text
    assert "500 orders are parked" in loud.html
    assert loud.subject == "syncd: 41 orders posted, 1 open problem"


def test_no_secret_and_no_address_reaches_a_mail() -> None:
    """A registered secret and any e-mail address are hidden, in every part of the mail."""
    log.register_secret("marked-secret-0815")
    said = "refused marked-secret-0815 for jane.doe@example.test"
    group = Group(said, (said,), (said,), (said,), 1, NOON, again=False)
    letter = alert_letter([group], said)
    whole = letter.subject + letter.text + letter.html
    assert "marked-secret-0815" not in whole
    assert "jane.doe" not in whole


def test_a_subject_is_one_line() -> None:
    """Line breaks and what no mail can carry do not get into the subject."""
    group = Group("x", ("one\r\nBcc: all@example.test\x00 two \ud800",), (), (), 1, NOON, again=False)
    subject = alert_letter([group], "version 1").subject
    assert subject == "syncd: one Bcc: [e-mail] two ?"


TEXTS = st.text(max_size=30)
ALERTS = st.builds(
    Alert,
    id=st.integers(1, 10_000),
    cause=st.sampled_from(["parked: tax", "late: recent", "login", "given up", "odd"]),
    subject=TEXTS,
    what=TEXTS,
    do=TEXTS,
    example=TEXTS,
    times=st.integers(1, 1000),
    first_at=st.integers(0, 5000).map(lambda hours: NOON - timedelta(hours=hours)),
    last_at=st.just(NOON),
    told_at=st.none() | st.just(NOON),
    told_times=st.integers(0, 1000),
)


@given(st.lists(ALERTS, min_size=1, max_size=30))
def test_whatever_is_wrong_can_be_written(alerts: list[Alert]) -> None:
    """Any alerts make a mail with a short one-line subject, whatever is in their texts."""
    letter = alert_letter(grouped(alerts), "version 1")
    assert len(letter.subject) <= LONGEST_SUBJECT
    assert letter.subject.isprintable() or "\n" not in letter.subject
    letter.text.encode("utf-8")
    letter.html.encode("utf-8")
