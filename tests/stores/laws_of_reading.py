"""Laws about finding: by ref, by code, and everything there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from syncd.core.model import Write
from tests.stores.shop import HIDDEN, TEA, TRASH, LawBook, done_of, scanned

ODD_CODES = [
    "TEA,GREEN",
    ",",
    "TEA 100 G",
    "thé-vert-é",
    "茶-1",
    "SALT&PEPPER",
    "A+B",
    "50%",
    "0",
    "a/b?c#d=e",
    'it\'s "quoted"',
    "[brackets]",
    "semi;colon",
    "A < B > C",
    "back\\slash",
    "0042",
]


class ReadingLaws(LawBook):
    """Absent is absent, similar is not equal, and a scan misses nothing."""

    def test_what_is_absent_is_absent(self) -> None:
        """Unknown refs and codes are missing from the answer; so is what is not a ref at all."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.remove(ref)
        assert shop.store.look(refs=[ref, "999999", "no ref", ""], codes=["TEA-100", "NOPE"]) == {}

    def test_found_by_ref_and_by_code_alike(self) -> None:
        """The answer is keyed by what was asked, and both ways show the same record."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        found = shop.store.look(refs=[ref], codes=["TEA-100"])
        assert set(found) == {ref, "TEA-100"}
        assert found[ref] == found["TEA-100"]
        assert (found[ref].ref, found[ref].code, found[ref].content) == (ref, "TEA-100", TEA)

    def test_the_same_code_twice_is_reported(self) -> None:
        """The smallest ref is returned and names its twins."""
        shop = self.open_shop()
        first, second, third = shop.put("TEA-100"), shop.twin("TEA-100"), shop.twin("TEA-100")
        found = shop.store.look(codes=["TEA-100"])["TEA-100"]
        assert found.ref == first
        assert sorted(found.duplicates) == sorted([second, third])

    @pytest.mark.parametrize("asked", ["tea-100", "TEA 100", "TEA-1OO", "TEA-100-", "TEÁ-100"])
    def test_a_similar_code_does_not_match(self, asked: str) -> None:
        """Case, spaces, dashes and accents count."""
        shop = self.open_shop()
        shop.put("TEA-100")
        assert shop.store.look(codes=[asked]) == {}

    @pytest.mark.parametrize("code", ODD_CODES)
    def test_odd_codes_are_found(self, code: str) -> None:
        """Codes with commas, spaces, signs and other scripts are created, and found among others."""
        shop = self.open_shop()
        shop.put("PLAIN")
        ref = done_of(shop, Write("k", None, code, TEA)).shown.ref
        found = shop.store.look(codes=[code, "PLAIN"])
        assert found[code].ref == ref
        assert found[code].code == code
        assert set(found) == {code, "PLAIN"}

    def test_the_bin_is_found_by_ref_only(self) -> None:
        """A binned record is shown as TRASH to who knows its ref, and not found by its code."""
        shop = self.open_shop()
        ref = shop.put("TEA-100")
        shop.bin(ref)
        found = shop.store.look(refs=[ref], codes=["TEA-100"])
        assert set(found) == {ref}
        assert found[ref].content.status is TRASH

    def test_three_hundred_codes_cost_three_calls(self) -> None:
        """A look asks for a hundred codes at a time, and so for refs."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(300)]
        before = shop.calls()
        assert len(shop.store.look(codes=[f"TEA-{n}" for n in range(300)])) == 300
        assert shop.calls() - before == 3
        assert len(shop.store.look(refs=refs)) == 300
        assert shop.calls() - before == 6

    # What a scan sees.

    def test_a_scan_sees_everything(self) -> None:
        """Every record comes, hidden and binned ones too, over as many pages as it takes."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(230)]
        hidden, binned = shop.put("HIDDEN", replace(TEA, status=HIDDEN)), shop.put("BINNED")
        shop.bin(binned)
        found = scanned(shop.store)
        assert set(found) == {*refs, hidden, binned}
        assert found[hidden].content.status is HIDDEN
        assert found[binned].content.status is TRASH
        assert found[refs[0]].content == TEA

    def test_a_scan_survives_insertions(self) -> None:
        """Records that are there throughout come, whatever is added between the pages."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(230)]
        fresh = iter(range(100))
        found = scanned(shop.store, lambda: shop.put(f"NEW-{next(fresh)}"))
        assert set(refs) <= set(found)

    @pytest.mark.parametrize("each_time", [1, 60])
    def test_a_scan_survives_deletions(self, each_time: int) -> None:
        """Deleting what was already seen slides the pages, and still nothing is skipped."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(330)]
        leaving = iter(refs)
        gone: list[str] = []

        def delete() -> None:
            for ref in [ref for ref, _ in zip(leaving, range(each_time), strict=False)]:
                shop.remove(ref)
                gone.append(ref)

        found = scanned(shop.store, delete)
        assert set(refs) - set(gone) <= set(found)

    def test_a_scan_survives_the_bin(self) -> None:
        """A record that is binned or restored between the pages comes all the same."""
        shop = self.open_shop()
        refs = [shop.put(f"TEA-{n}") for n in range(150)]
        restless = refs[-1]
        shop.bin(restless)
        assert set(refs) <= set(scanned(shop.store, lambda: shop.restore(restless)))
        assert set(refs) <= set(scanned(shop.store, lambda: shop.bin(restless)))
