"""The believable catalogue holds everything that makes a real one hard."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from syncd.emulator.catalogue import Catalogue, believable


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return believable()


def test_codes_and_guids_are_unique(catalogue: Catalogue) -> None:
    """Codes are unique to the letter, some differ by case alone, and every text fits its column."""
    codes = [product.code for product in catalogue.products]
    assert len(set(codes)) == len({product.guid for product in catalogue.products}) == 2000
    assert len({code.lower() for code in codes}) < 2000
    assert all(len(product.code) <= 100 and len(product.name) <= 500 for product in catalogue.products)
    assert max(len(product.name) for product in catalogue.products) > 400


def test_shares_are_believable(catalogue: Catalogue) -> None:
    """Variations are about 6 %, obsolete ones about 4 %, and no special case is missing."""
    products = catalogue.products
    assert 80 <= sum(product.parent is not None for product in products) <= 160
    assert 50 <= sum(product.obsolete for product in products) <= 120
    for special in (
        [product for product in products if product.never_diminishing],
        [product for product in products if not product.sellable],
        [product for product in products if product.component],
        [product for product in products if product.assembled],
        [product for product in products if not product.stock],
        [product for product in products if product.available() < 0],
        [product for product in products if product.price is None],
        [product for product in products if product.price == 0],
        [product for product in products if product.price and product.price % Decimal("0.01")],
        [product for product in products if product.cost and product.cost.as_tuple().exponent == -14],
    ):
        assert 5 <= len(special) <= 400


def test_families_are_three_to_six(catalogue: Catalogue) -> None:
    """Each parent has a name, is no product itself, and three to six variations with different options."""
    families = Counter(product.parent for product in catalogue.products if product.parent)
    assert set(families) == set(catalogue.parents)
    assert set(families.values()) <= {3, 4, 5, 6}
    assert not set(families) & {product.code for product in catalogue.products}
    options = {(product.parent, product.option) for product in catalogue.products if product.parent}
    assert len(options) == sum(families.values())


def test_stock_is_kept_per_warehouse(catalogue: Catalogue) -> None:
    """Three warehouses hold stock, and what is available can be asked of some of them."""
    assert {code for product in catalogue.products for code in product.stock} == {"W1", "W2", "RET"}
    returned = next(product for product in catalogue.products if "RET" in product.stock)
    assert returned.available(["RET"]) + returned.available(["W1", "W2"]) == returned.available()


def test_shelf_holds_what_is_sold(catalogue: Catalogue) -> None:
    """A shop is stocked with the current products, one non-negative number each, families by name."""
    shelf = {item.code: item for item in catalogue.on_shelf(["W1"])}
    assert set(shelf) == {product.code for product in catalogue.products if not product.obsolete}
    for product in catalogue.products:
        if not product.obsolete:
            item = shelf[product.code]
            assert item.stock == max(product.available(["W1"]), 0)
            assert (item.parent is None) == (product.parent is None)


@pytest.mark.parametrize("size", [1, 10, 300])
def test_any_size_is_met_exactly(size: int) -> None:
    """A catalogue has as many products as asked, the same for the same seed and others for another."""
    assert len(believable(size).products) == size
    assert believable(size, seed=1) == believable(size, seed=1)
    assert believable(size, seed=1) != believable(size, seed=2)
