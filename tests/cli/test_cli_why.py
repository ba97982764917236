"""`syncd why`: each field with its rule, source and run, now and in the past."""

from __future__ import annotations

from datetime import timedelta

from tests.system.stage import CLOCK, Stage

KEYS = {"store", "guid", "ref", "behind", "modified", "stock", "fields", "reason"}
FIELD_KEYS = {"field", "value", "rule", "held", "flows", "last_written", "written_at", "run"}


def created(stage: Stage) -> str:
    """A product that syncd put into the shop."""
    stage.listing |= {"create": "true", "buffer": "2", "warehouses": '["W1"]'}
    guid = stage.put_on_sale("TEA", price="9.505", stock=9, listed=None)
    stage.run("once", "recent")
    return guid


def test_why_names_source_stamp_rule_and_run(stage: Stage) -> None:
    """A person sees the rows of Unleashed with their stamps, and each value with its rule and run."""
    guid = created(stage)
    done = stage.run("why", "TEA")
    lines = done.out.splitlines()
    assert (done.code, done.err) == (0, "")
    assert lines[0].startswith("TEA in shop: linked to id ")
    assert lines[1].startswith(f"  Unleashed: Product TEA (guid {guid}, changed {CLOCK.now():%Y-%m-%dT}")
    assert lines[2].startswith("  stock in W1: 9 available, changed ")
    assert lines[3].startswith("  stock in W1 was read in full ")
    fields = [line for line in lines if line.startswith(("  name", "  price", "  stock:", "  status"))]
    assert fields[1].startswith("  price: 9.51 (default sell price, ex tax); written 9.51 at ")
    assert fields[2].startswith("  stock: 7 (available W1 9 - buffer 2); written 7 at ")
    assert fields[2].endswith(" in run 2")
    assert stage.stock("TEA") == 7


def test_why_json_has_its_shape(stage: Stage) -> None:
    """--json gives one item per store and product, each field with value, rule and what was written."""
    guid = created(stage)
    body = stage.run("why", "TEA", "--json").json
    [item] = body["items"]
    assert (set(body), body["code"], body["at"]) == ({"schema", "code", "at", "items"}, "TEA", None)
    assert set(item) == KEYS
    assert (item["store"], item["guid"], item["behind"]) == ("shop", guid, False)
    assert item["stock"][0]["available"] == "9"
    assert [set(field) for field in item["fields"]] == [FIELD_KEYS] * 4
    stock = item["fields"][2]
    assert (stock["field"], stock["value"], stock["last_written"], stock["run"]) == ("stock", "7", "7", 2)


def test_why_at_a_time(stage: Stage) -> None:
    """--at tells what had been written by then; before that there was nothing."""
    created(stage)
    now = CLOCK.now()
    later, earlier = (
        f"{now + step:%Y-%m-%dT%H:%M:%SZ}" for step in (timedelta(hours=1), timedelta(hours=-1))
    )
    out = stage.run("why", "TEA", "--at", later).out
    assert out.splitlines()[0] == f"TEA in shop, as syncd had last written it by {later}:"
    assert "  stock: 7 (available W1 9 - buffer 2); written 7 at " in out
    assert "Unleashed:" not in out
    out = stage.run("why", "TEA", "--at", earlier).out
    assert out.count("left alone") == 0
    assert out.count("syncd had not written it by then") == 4
    body = stage.run("why", "TEA", "--at", later, "--json").json
    assert body["at"] == later
    assert body["items"][0]["fields"][2]["value"] == "7"


def test_why_at_no_time(stage: Stage) -> None:
    """A time that cannot be read is exit code 2 with an example."""
    done = stage.run("why", "TEA", "--at", "yesterday")
    assert done.code == 2
    assert "2026-03-01T12:00Z" in done.err


def test_why_waits_for_a_person(stage: Stage) -> None:
    """What keeps a product from being linked is said in place of values that nobody shows."""
    stage.shop.settings.unique_skus = False
    stage.put_on_sale("TEA", listed=5)
    stage.shelf.add_simple("TEA", "The other", "1", 1)
    stage.run("once", "recent")
    out = stage.run("why", "TEA").out
    assert "not linked to a record of the store" in out
    assert "waits for a person: the store has several records with the code TEA" in out


def test_why_of_an_unknown_code(stage: Stage) -> None:
    """A code that is not known is exit code 1, and how to ask for it is said."""
    stage.put_on_sale("TEA")
    stage.run("once", "recent")
    done = stage.run("why", "NO SUCH")
    assert (done.code, done.out) == (1, "")
    assert "syncd resync 'NO SUCH'" in done.err


def test_why_spends_no_call(stage: Stage) -> None:
    """Everything is told from what is stored, for every store or the one named."""
    stage.more = stage.second_store("corner")
    created(stage)
    before = len(stage.unleashed.calls), len(stage.shop.calls)
    assert len(stage.run("why", "TEA", "--json").json["items"]) == 2
    assert len(stage.run("why", "TEA", "--store", "corner", "--json").json["items"]) == 1
    assert (len(stage.unleashed.calls), len(stage.shop.calls)) == before
