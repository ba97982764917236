"""What is wrong is said in full, under its key, and with what was probably meant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.config import Settings

Read = Callable[..., Settings]
Problems = Callable[..., tuple[str, ...]]

SECOND = """
[store.outlet]
kind = "woocommerce"
base_url = "https://outlet.example.test"
consumer_key = "ck"
consumer_secret = "marked-other-secret"
"""


def test_all_problems_come_at_once(problems: Problems) -> None:
    """One run shows every problem of every section."""
    found = problems(
        '[web]\nlisten = "x"\n[log]\nlevel = "loud"\n[store.shop.listing]\ntax = 15\nbuffer = -1\n'
        "[store.shop.schedule]\nrecent = 48\n[daemon]\nlease = true\n[nonsense]\n"
    )
    assert [problem.partition(":")[0] for problem in found] == [
        "nonsense",
        "web.listen",
        "log.level",
        "daemon.lease",
        "store.shop.listing.tax",
        "store.shop.listing.buffer",
        "store.shop.schedule.recent",
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("acount = 'main'\n", "store.shop.acount: is unknown; did you mean account?"),
        (
            "consumer_secret_fil = 'x'\n",
            "store.shop.consumer_secret_fil: is unknown; did you mean consumer_secret_file?",
        ),
        ("price_tier = 3\n", "store.shop.price_tier: belongs in the section listing below this one."),
        (
            "[store.shop.listing.brake]\nminimun = 3\n",
            "store.shop.listing.brake.minimun: is unknown; did you mean minimum?",
        ),
        ("[stoer.x]\n", "stoer: is unknown; did you mean store?"),
        ("[web]\nport = 80\n", "web.port: is unknown; known here: listen."),
    ],
)
def test_unknown_keys_are_errors_with_a_suggestion(problems: Problems, more: str, expected: str) -> None:
    """A misspelled key is never ignored."""
    assert problems(more) == (expected,)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            'base_url = "https://shop.example.test"',
            'base_url: is required, for example base_url = "https://shop.example"',
        ),
        (
            'consumer_secret = "marked-consumer-secret"',
            (
                "consumer_secret_file: is required, "
                'for example consumer_secret_file = "/run/secrets/shop_secret"'
            ),
        ),
        ('kind = "woocommerce"', 'kind: is required, for example kind = "woocommerce"'),
    ],
)
def test_required_keys_are_asked_for_with_an_example(
    problems: Problems, sound: str, line: str, expected: str
) -> None:
    """A missing key is asked for the way it is written."""
    assert problems(base=sound.replace(line, "")) == (f"store.shop.{expected}.",)


def test_an_unknown_kind_is_suggested(problems: Problems, sound: str) -> None:
    """A misspelled kind of store is answered with the one that was probably meant."""
    assert problems(base=sound.replace('"woocommerce"', '"wocommerce"')) == (
        "store.shop.kind: is unknown; did you mean woocommerce?",
    )


@pytest.mark.parametrize("name", ["Shop", "1shop", "my-shop", "my__shop", "_shop"])
def test_names_are_plain(problems: Problems, sound: str, name: str) -> None:
    """A name that could not be spelled in the environment is refused."""
    (problem,) = problems(base=sound.replace("store.shop", f"store.{name}"))
    assert problem.startswith(f"store.{name}: a name is lower-case letters")


def test_a_section_needs_a_name(problems: Problems, sound: str) -> None:
    """Keys written straight into [store] are sent to a section of their own."""
    found = problems(base=sound.replace("[store.shop]", "[store]"))
    assert found[0] == "store.kind: must be in a section with a name, like [store.shop]."


def test_without_an_account_there_is_nothing_to_do(problems: Problems) -> None:
    """An empty file is answered with the section to begin with."""
    assert problems(base="") == ("unleashed: no account is configured; add a section [unleashed.main].",)


def test_a_store_names_its_account_when_there_are_several(read: Read, problems: Problems) -> None:
    """With two accounts nobody guesses; a name that does not exist is suggested."""
    second = '[unleashed.other]\napi_id = "id"\napi_key = "marked-other-key"\n'
    assert problems(second) == ("store.shop.account: is required with several accounts: main, other.",)
    assert problems(f'account = "mian"\n{second}') == (
        "store.shop.account: the account 'mian' is unknown; did you mean main?",
    )
    assert read(f'account = "other"\n{second}').stores["shop"].account == "other"


def test_order_numbers_of_two_stores_may_not_meet(read: Read, problems: Problems) -> None:
    """Two stores of one account with the same prefix are a problem once both say how orders are posted."""
    both = "[store.shop.orders]\n[store.outlet.orders]\n"
    assert problems(SECOND + both) == (
        (
            "store.outlet.orders.prefix: 'WEB-' is also the prefix of store.shop of the same account; "
            "their order numbers could meet."
        ),
    )
    assert len(read(SECOND + both + 'prefix = "OUT-"\n').stores) == 2
    assert len(read(SECOND).stores) == 2


def test_problems_never_show_what_was_written(problems: Problems) -> None:
    """A secret in the wrong place, or of the wrong kind, does not appear in the message about it."""
    found = problems("consumer_secrets = 'marked-misplaced'\n[mail]\npassword = ['marked-list']\n")
    assert len(found) > 2
    assert "marked" not in "".join(found)


def test_a_broken_account_does_not_break_its_stores(problems: Problems, sound: str) -> None:
    """A store whose account has a problem is not said to have no account."""
    found = problems(base=sound.replace('api_id = "id-of-main"', ""))
    assert [problem.partition(":")[0] for problem in found] == ["unleashed.main.api_id"]


def test_secret_files_are_part_of_all_problems(problems: Problems, sound: str, tmp_path: Path) -> None:
    """A missing secret file is reported together with everything else."""
    base = sound.replace('consumer_secret = "marked-consumer-secret"', 'consumer_secret_file = "absent"')
    assert problems('[log]\nlevel = "loud"\n', base=base) == (
        "log.level: must be one of 'debug', 'info', 'warning', 'error'.",
        f"store.shop.consumer_secret_file: the file {tmp_path / 'absent'} does not exist.",
    )
