"""Laws about codes: what a store says it cannot hold it does not hold, and all else is found again."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from syncd.core.model import Done, Write
from tests.stores.laws_of_reading import ODD_CODES
from tests.stores.shop import TEA, LawBook

TROUBLESOME = [
    "FUNNEL<5",
    "<b>BOLD</b>",
    "<script>x</script>1",
    "50%20",
    "%41",
    "tab\tin",
    "line\nbreak",
    "two  spaces",
    "nul\0l",
    "bell\x07",
    "&amp;",
    "&lt;5",
    "L" * 99,
    "L" * 100,
    "L" * 101,
    "L" * 1001,
    "ж" * 100,
    "🫖" * 60,
]
codes = st.text(min_size=1, max_size=12) | st.text("aA<>%&;0123 \t-", min_size=1, max_size=12)


class CodeLaws(LawBook):
    """`code_problem` tells beforehand what creating a listing with the code comes to."""

    @pytest.mark.parametrize("code", [*ODD_CODES, *TROUBLESOME])
    def test_a_code_keeps_its_promise(self, code: str) -> None:
        """A code with a problem is refused or not found again; one without is found after it was created."""
        self._holds(code)

    @settings(
        max_examples=60,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],
    )
    @given(code=codes.map(str.strip).filter(bool))
    @example(code="0")
    def test_any_code_keeps_its_promise(self, code: str) -> None:
        """The same for whatever text a code may be."""
        self._holds(code)

    def test_a_problem_is_half_a_sentence(self) -> None:
        """A problem reads on after the code, costs no call, and is the same each time."""
        shop = self.open_shop()
        said = [shop.store.code_problem(code) for code in TROUBLESOME]
        assert said == [shop.store.code_problem(code) for code in TROUBLESOME]
        assert all(not each.endswith(".") and each == each.strip() for each in said)
        assert shop.calls() == 0

    def _holds(self, code: str) -> None:
        shop = self.open_shop()
        problem = shop.store.code_problem(code)
        [outcome] = shop.store.write([Write("k", None, code, TEA)])
        found = shop.store.look(codes=[code])
        if problem:
            assert not isinstance(outcome, Done) or code not in found, problem
        else:
            assert isinstance(outcome, Done), outcome
            assert found[code].ref == outcome.shown.ref
