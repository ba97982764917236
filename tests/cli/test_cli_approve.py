"""`syncd approve`: what the brake holds, by name, and the one word that lets it through."""

from __future__ import annotations

import pytest

from tests.system.stage import Stage

DIFF_KEYS = {"store", "class", "hash", "changes"}
CHANGE_KEYS = {"code", "field", "before", "after", "rule", "since"}
CODES = [f"TEA-{number:02d}" for number in range(30)]


@pytest.fixture
def braked(stage: Stage) -> Stage:
    """A shop of which the brake holds that all thirty listings would be emptied."""
    for code in CODES:
        stage.put_on_sale(code, stock=5, listed=5)
    stage.run("once", "recent")
    for code in CODES:
        stage.books.set_stock(stage.books.by_code(code)[0].guid, "W1", 0)
    assert stage.run("once", "recent").code == 1
    return stage


def name(stage: Stage) -> str:
    """Return the one diff's name."""
    [diff] = stage.run("approve", "--json").json["held"]
    return str(diff["hash"])


def test_a_run_that_holds_says_so(stage: Stage) -> None:
    """The run that newly holds tells how many and where to look, in both forms; the next one is content."""
    for code in CODES:
        stage.put_on_sale(code, stock=0, listed=5)
    done = stage.run("once", "recent")
    assert done.code == 1
    assert (
        "store shop: done: 30 looked at, 0 written, 0 created, 0 already right, 30 held by the brake: see"
        in (done.out)
    )
    assert stage.stock(CODES[0]) == 5
    again = stage.run("once", "recent", "--json")
    assert (again.code, again.json["runs"][1]["held"], again.json["runs"][1]["calls"]["store"]) == (0, 0, 0)


def test_once_json_counts_what_is_held(stage: Stage) -> None:
    """`held` is the number of listings of which something was held."""
    for code in CODES:
        stage.put_on_sale(code, stock=0, listed=5)
    body = stage.run("once", "recent", "--json").json
    assert (body["runs"][1]["outcome"], body["runs"][1]["held"], body["runs"][1]["written"]) == (
        "done",
        30,
        0,
    )


def test_approve_lists_the_diff_with_its_name(braked: Stage) -> None:
    """Without a name it shows each diff, the first twenty lines of it, and how to let it through."""
    done = braked.run("approve")
    assert (done.code, done.err) == (0, "")
    first, *lines, more, last = done.out.splitlines()
    fingerprint = name(braked)
    assert first == f"{fingerprint}  shop: 30 listings (zero)"
    assert lines == [f"  {code}: stock: 5 → 0 (available 0)" for code in CODES[:20]]
    assert more == "  … and 10 more: --json prints all"
    assert last == f"  To let them through: syncd approve {fingerprint}"


def test_approve_json_has_every_change(braked: Stage) -> None:
    """--json prints one object with all of each diff."""
    body = braked.run("approve", "--json").json
    [diff] = body["held"]
    assert (set(diff), body["schema"]) == (DIFF_KEYS, 1)
    assert (diff["store"], diff["class"], len(diff["hash"])) == ("shop", "zero", 12)
    assert [change["code"] for change in diff["changes"]] == CODES
    assert all(set(change) == CHANGE_KEYS for change in diff["changes"])
    assert diff["changes"][0]["since"].endswith("Z")


def test_status_counts_what_is_held_and_names_the_command(braked: Stage) -> None:
    """`status` has the number, and a problem with the word to type."""
    done = braked.run("status", "--json")
    assert (done.code, done.json["stores"][0]["held"]) == (1, 30)
    [problem] = done.json["problems"]
    assert problem["what"] == "store shop: the brake holds 30 changes (zero)"
    assert f"syncd approve {name(braked)}" in problem["do"]


def test_approve_lets_through_what_it_names(braked: Stage) -> None:
    """The named diff is written by the next run, and nothing is held or wrong any more."""
    done = braked.run("approve", name(braked))
    assert (done.code, done.err) == (0, "")
    assert "30 changes of shop are approved for 24 hours" in done.out
    assert "syncd once recent" in done.out
    written = braked.run("once", "recent", "--json")
    assert (written.code, written.json["runs"][1]["written"]) == (0, 30)
    assert braked.stock(CODES[0]) == 0
    assert braked.run("approve").out == "Nothing is held.\n"
    assert braked.run("status", "--check").code == 0


def test_approve_json_says_how_much_was_approved(braked: Stage) -> None:
    """--json with a name prints one object and nothing else."""
    fingerprint = name(braked)
    body = braked.run("approve", fingerprint, "--json").json
    assert body == {"schema": 1, "store": "shop", "hash": fingerprint, "approved": 30}


def test_approve_dry_run_only_shows(braked: Stage) -> None:
    """--dry-run shows the diff and approves nothing."""
    fingerprint = name(braked)
    done = braked.run("approve", fingerprint, "--dry-run")
    assert (done.code, done.out.startswith(fingerprint)) == (0, True)
    braked.run("once", "recent")
    assert braked.stock(CODES[0]) == 5


def test_approve_with_a_wrong_name_is_refused(braked: Stage) -> None:
    """A name that no diff has is exit code 1, names those that there are, and lets nothing through."""
    done = braked.run("approve", "0123456789ab")
    assert (done.code, done.out) == (1, "")
    assert "No held diff is called 0123456789ab" in done.err
    assert name(braked) in done.err
    braked.run("once", "recent")
    assert braked.stock(CODES[0]) == 5


def test_approve_with_nothing_held(stage: Stage) -> None:
    """With nothing held the list is empty, and every name is a wrong one."""
    stage.put_on_sale()
    stage.run("once", "recent")
    assert (stage.run("approve").code, stage.run("approve").out) == (0, "Nothing is held.\n")
    assert stage.run("approve", "--json").json["held"] == []
    assert stage.run("approve", "0123456789ab").code == 1


def test_resync_of_a_held_product_says_where_it_waits(braked: Stage) -> None:
    """`resync` tells that the brake holds it and what stays for now, and ends with exit code 1."""
    done = braked.run("resync", CODES[3])
    assert done.code == 1
    assert done.out.splitlines()[:4] == [
        f"{CODES[3]} in shop (id {braked.shelf.with_sku(CODES[3])[0].id}): held",
        "  stock: 5 stays; Unleashed says 0 (held by the brake)",
        "  held by the brake, as too many at once: stock",
        "  Look at it with `syncd approve`, then approve it or correct Unleashed.",
    ]
    body = braked.run("resync", CODES[3], "--json").json
    assert (body["items"][0]["outcome"], body["items"][0]["after"]["stock"]) == ("held", "5")
    assert "syncd approve" in body["items"][0]["do"]


def test_shadow_says_what_the_brake_would_hold(stage: Stage) -> None:
    """In shadow mode `status` tells what would be written, and what of it would wait for a person."""
    stage.store["mode"] = '"shadow"'
    for code in CODES:
        stage.put_on_sale(code, stock=0, listed=5)
    stage.run("once", "recent")
    done = stage.run("status")
    assert "Shadow: in shop syncd would write 30 stock; the brake would hold 30 zero of it" in done.out
    store = stage.run("status", "--json").json["stores"][0]
    assert (store["would_write"], store["would_hold"], store["held"]) == ({"stock": 30}, {"zero": 30}, 0)
    stage.listing["brake"] = "{ minimum = 31 }"
    assert stage.run("status", "--json").json["stores"][0]["would_hold"] == {}
