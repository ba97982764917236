"""What one field of a row may hold, and what it may not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from syncd.unleashed import fields
from syncd.unleashed.fields import Unreadable

GUID = "0b7f0c52-6f0e-4f0a-9d3b-2a5f7a1c9e01"


@pytest.mark.parametrize(
    "written", [GUID, GUID.upper(), GUID.replace("-", ""), "{" + GUID + "}", f" {GUID} ", GUID.title()]
)
def test_guid_is_normal(written: str) -> None:
    """A guid in any spelling is the same guid: lower case, with dashes."""
    assert fields.guid(written, "Guid") == GUID


@pytest.mark.parametrize("written", [None, "", "TEA-100", 17, GUID + "0", GUID[:-1] + "g", "0" * 32, []])
def test_no_guid_is_refused(written: object) -> None:
    """Null, all zeros and anything that is no guid is refused under the field's name."""
    with pytest.raises(Unreadable, match=r"^Guid is"):
        fields.guid(written, "Guid")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        (9, "9"),
        (Decimal("1774.93449333333333"), "1774.93449333333333"),
        ("15.0000", "15.0000"),
        (" 15 ", "15"),
        ("-3.5", "-3.5"),
        ("1.5E+3", "1.5E+3"),
        (".5", "0.5"),
        (Decimal("-0.00"), "0.00"),
        (10**30, "1" + "0" * 30),
        (Decimal("1E-30"), "1E-30"),
    ],
)
def test_number_keeps_every_digit(written: object, number: str) -> None:
    """Numbers, and numbers written as text, keep their digits exactly."""
    assert str(fields.number(written, "Price")) == number


@pytest.mark.parametrize("written", [None, "", "  "])
def test_no_number_is_none_and_no_quantity_is_refused(written: object) -> None:
    """A price that is not set is none; a quantity that is not told is unknown, not zero."""
    assert fields.number(written, "Price") is None
    with pytest.raises(Unreadable, match="AvailableQty is missing"):
        fields.quantity(written, "AvailableQty")


@pytest.mark.parametrize(
    "written",
    [
        "call us",
        "1,50",
        "1_000",
        "٣",
        "NaN",
        True,
        [],
        {},
        Decimal("NaN"),
        Decimal("-Infinity"),
        Decimal("1E31"),
        Decimal("1E-31"),
        10**31,
        "1e400",
        "1e99999999999999999999",
        "0." + "1" * 61,
    ],
)
def test_no_number_is_refused(written: object) -> None:
    """Text, NaN, infinities and numbers out of all proportion are refused under the field's name."""
    with pytest.raises(Unreadable, match=r"^DefaultSellPrice is"):
        fields.number(written, "DefaultSellPrice")


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("/Date(1768435200123)/", datetime(2026, 1, 15, 0, 0, 0, 123000, UTC)),
        ("/Date(-1000)/", datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("/Date(1768435200000+1300)/", datetime(2026, 1, 15, tzinfo=UTC)),
        ("/Date(1768435200000-0500)/", datetime(2026, 1, 15, tzinfo=UTC)),
        ("2016-10-08T20:31:25.963", datetime(2016, 10, 8, 20, 31, 25, 963000, UTC)),
        ("2016-10-08T20:31:25.9630000Z", datetime(2016, 10, 8, 20, 31, 25, 963000, UTC)),
        ("2016-10-09T09:31:25+13:00", datetime(2016, 10, 8, 20, 31, 25, tzinfo=UTC)),
        ("2016-10-08", datetime(2016, 10, 8, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("12/10/2014 8:08:10 p.m.", None),
        (1768435200000, None),
        ("/Date(999999999999999999)/", None),
        ("/Date(-999999999999999999)/", None),
        ("/Date(99999999999999999999999)/", None),
        ("0001-01-01T00:00:00+13:00", None),
    ],
)
def test_moment(written: object, moment: datetime | None) -> None:
    """Every documented way to write a date is read as UTC; what is no date is no stamp."""
    assert fields.moment(written) == moment


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (17, "is not text"),
        ("a\0b", "NUL"),
        ("a\ud800", "not Unicode"),
        ([], "is not text"),
    ],
)
def test_text_a_database_cannot_hold_is_refused(written: object, why: str) -> None:
    """NUL, half characters and what is no text are refused under the field's name."""
    with pytest.raises(Unreadable, match=f"^Name .*{why}"):
        fields.text(written, "Name")


@pytest.mark.parametrize("written", [None, "", " \t"])
def test_blank_text(written: object) -> None:
    """A blank text is a text, but no filled one."""
    assert fields.text(written, "Name").strip() == ""
    with pytest.raises(Unreadable, match="Code is blank"):
        fields.filled_text(written, "Code")


@pytest.mark.parametrize(("written", "flag"), [(True, True), (False, False), (None, None)])
def test_flag(written: object, flag: bool | None) -> None:
    """A flag that is missing takes the default, whichever it is."""
    for default in (True, False):
        assert fields.flag(written, "Obsolete", default=default) is (default if flag is None else flag)


@pytest.mark.parametrize("written", ["yes", 1, []])
def test_no_flag_is_refused(written: object) -> None:
    """What is neither true nor false is refused under the field's name."""
    with pytest.raises(Unreadable, match=r"^Obsolete is neither true nor false"):
        fields.flag(written, "Obsolete", default=False)


@pytest.mark.parametrize(
    "value", ["a\0b", "a\ud800", "x" * 90, {"deep": [1, Decimal("1.5")]}, None, Decimal("1E+99999")]
)
def test_excerpt_can_be_stored_and_printed(value: object) -> None:
    """An excerpt is short and printable, whatever it is taken from."""
    shown = fields.excerpt(value)
    assert shown.isprintable()
    assert shown.encode()
    assert len(shown) <= 41
