"""A store under a new name: the shop is recognised, and everything known of it stays with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.system.stage import Stage, free_port


@pytest.fixture
def known(stage: Stage) -> Stage:
    """A store that has been brought in step, whose section is then renamed from shop to tea."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    assert stage.run("once", "recent").code == 0
    stage.store_name = "tea"
    return stage


def stores(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.run("status", "--json").json["stores"]
    return found


def test_renaming_a_section_changes_nothing(known: Stage) -> None:
    """Links and history stay with the shop under its new name: nothing is behind, nothing is written."""
    before = len(known.shop.writes())
    done = known.run("once", "recent", "--json")
    assert (done.code, done.json["runs"][1]["read"]) == (0, 0)
    [store] = stores(known)
    assert (store["name"], store["linked"], store["behind"]) == ("tea", 1, 0)
    assert "tea (id" not in known.run("why", "TEA-1").err
    assert "written 5 at" in known.run("why", "TEA-1").out
    assert len(known.shop.writes()) == before


def test_the_shop_is_asked_only_once(known: Stage) -> None:
    """Who it is costs the calls of one check, when the new name first comes up, and none afterwards."""
    before = len(known.shop.calls)
    known.run("once", "recent")
    asked = len(known.shop.calls) - before
    known.run("once", "recent")
    assert 3 <= asked <= 5
    assert len(known.shop.calls) - before == asked


def test_a_configured_identity_needs_no_call(stage: Stage) -> None:
    """With identity = "…" the store is recognised by it, without asking the shop."""
    stage.store["identity"] = '"tea-shop"'
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    stage.store_name = "tea"
    before = len(stage.shop.calls)
    [store] = stores(stage)
    assert (store["name"], store["linked"], store["behind"]) == ("tea", 1, 0)
    assert len(stage.shop.calls) == before


def test_another_shop_under_a_new_name_is_a_store_of_its_own(known: Stage) -> None:
    """A new section whose shop is another one begins from nothing."""
    known.store["base_url"] = f'"{known.shop_url.replace("127.0.0.1", "localhost")}"'
    assert known.run("once", "recent", "--json").json["runs"][1]["read"] == 1
    [store] = stores(known)
    assert (store["name"], store["linked"]) == ("tea", 1)
    known.store_name = "shop"
    known.store.clear()
    assert [each["linked"] for each in stores(known)] == [1]


def test_a_new_store_beside_the_known_ones_is_not_asked_who_it_is(stage: Stage) -> None:
    """As long as every store of the database has its section, a new one is simply new."""
    stage.put_on_sale()
    stage.run("once", "recent")
    before = len(stage.shop.calls)
    stage.more = stage.second_store("corner").replace('identity = "corner"', "")
    assert {each["name"] for each in stores(stage)} == {"shop", "corner"}
    assert len(stage.shop.calls) == before


def test_who_looks_asks_nobody(known: Stage) -> None:
    """status and why leave a store in doubt out instead of asking, and change nothing."""
    before = len(known.shop.calls)
    assert stores(known) == []
    done = known.run("why", "TEA-1")
    assert done.code == 2
    assert "The store tea is not in the database yet. Run `syncd once recent`." in done.err
    assert len(known.shop.calls) == before
    known.store_name = "shop"
    assert [each["linked"] for each in stores(known)] == [1]


def test_a_shop_that_does_not_answer_is_not_guessed(known: Stage) -> None:
    """While the shop is down nothing is begun under the new name: exit code 3 and how to do without."""
    known.store["base_url"] = f'"http://127.0.0.1:{free_port()}"'
    done = known.run("once", "recent")
    assert (done.code, done.out) == (3, "")
    assert "The store tea is new here and shop has no section any more" in done.err
    assert 'identity = "127.0.0.1:' in done.err
    known.store.clear()
    known.run("once", "recent")
    assert [each["linked"] for each in stores(known)] == [1]


def test_a_mistyped_api_id_can_be_corrected(stage: Stage) -> None:
    """An id that never worked binds the account to nothing: corrected, everything goes on."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.account["api_id"] = '"put-the-api-id-here"'
    assert stage.run("check").code == 3
    assert stage.run("once", "recent").code == 3
    stage.account.clear()
    assert stage.run("check").code == 0
    assert stage.run("once", "recent").code == 0
    assert stage.stock() == 5


def test_an_account_renamed_with_a_mistyped_id_can_be_corrected(stage: Stage) -> None:
    """A new name that first came with a wrong id goes to the account it belongs to, mirror and all."""
    stage.put_on_sale("TEA-1", stock=5, listed=0)
    stage.run("once", "recent")
    stage.account_name = "office"
    stage.account["api_id"] = '"put-the-api-id-here"'
    assert stage.run("once", "recent").code == 2
    stage.account.clear()
    done = stage.run("once", "recent", "--json")
    assert (done.code, done.json["runs"][1]["read"]) == (0, 0)
    [account] = stage.run("status", "--json").json["accounts"]
    assert (account["name"], account["products"]) == ("office", 1)


def test_another_company_under_a_known_name_is_refused(known: Stage) -> None:
    """An account that has been read keeps its company: another API id under its name is exit code 2."""
    known.account["api_id"] = '"another-company"'
    done = known.run("once", "recent")
    assert (done.code, done.out) == (2, "")
    assert "another API id than before" in done.err
    assert "Give its section a new name" in done.err
