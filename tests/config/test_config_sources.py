"""Where the configuration comes from: a file, the environment, and what wins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.config import Settings, load
from syncd.errors import ConfigurationError, UsageError

Read = Callable[..., Settings]
Problems = Callable[..., tuple[str, ...]]
Write = Callable[[str], Path]


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    """Without a file the error names it, and the command that makes one."""
    with pytest.raises(UsageError) as caught:
        load(tmp_path / "nowhere.toml", {})
    assert caught.value.exit_code == 2
    assert "nowhere.toml" in caught.value.what
    assert "syncd init" in caught.value.do


def test_the_named_file_goes_before_the_environments(write: Write, sound: str, tmp_path: Path) -> None:
    """--config wins over SYNCD_CONFIG, which wins over the working directory."""
    named = write(sound)
    other = tmp_path / "other.toml"
    other.write_text(sound + '[log]\nlevel = "debug"\n')
    assert load(named, {"SYNCD_CONFIG": str(other)}).log.level == "info"
    assert load(None, {"SYNCD_CONFIG": str(other)}).log.level == "debug"


def test_the_working_directory_is_the_last_resort(
    write: Write, sound: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With nothing named, `syncd.toml` in the working directory is read."""
    write(sound)
    monkeypatch.chdir(tmp_path)
    assert load(None, {}).path == Path("syncd.toml")


def test_a_mistake_in_toml_names_its_line(write: Write) -> None:
    """What is not TOML is reported with its line and column."""
    path = write('[log]\nlevel = "info\n')
    with pytest.raises(ConfigurationError, match=r"syncd\.toml, line 2, column \d+: "):
        load(path, {})


def test_a_file_that_is_not_text_names_its_line(write: Write) -> None:
    """Bytes that are no UTF-8 are reported with their line."""
    path = write("")
    path.write_bytes(b'[log]\nlevel = "\xff"\n')
    with pytest.raises(ConfigurationError, match=r"syncd\.toml, line 2: this is not UTF-8 text"):
        load(path, {})


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    """What cannot be read is a sentence, not a traceback."""
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path, {})


def test_the_environment_goes_before_the_file(read: Read) -> None:
    """Any key can be set from outside, in any case of letters, and wins."""
    settings = read(
        '[log]\nlevel = "error"\n',
        env={"syncd_log__level": "debug", "SYNCD_UNLEASHED__MAIN__PAGE_SIZE": "200"},
    )
    assert settings.log.level == "debug"
    assert settings.accounts["main"].page_size == 200


def test_the_environment_may_hold_a_whole_store(read: Read) -> None:
    """A store that is nowhere in the file can be added from outside, lists and tables included."""
    settings = read(
        env={
            "SYNCD_STORE__OUT_LET__KIND": "woocommerce",
            "SYNCD_STORE__OUT_LET__BASE_URL": "https://outlet.example.test",
            "SYNCD_STORE__OUT_LET__CONSUMER_KEY": "ck",
            "SYNCD_STORE__OUT_LET__CONSUMER_SECRET": "[1, 2]",
            "SYNCD_STORE__OUT_LET__LISTING__WAREHOUSES": '["W1", "W2"]',
            "SYNCD_STORE__OUT_LET__LISTING__TAX": "{ standard = 0.15 }",
            "SYNCD_STORE__OUT_LET__LISTING__BRAKE__MINIMUM": "5",
        }
    )
    outlet = settings.stores["out_let"]
    assert outlet.listing.warehouses == ("W1", "W2")
    assert str(outlet.listing.tax) == "{'standard': Decimal('0.15')}"
    assert outlet.listing.brake.minimum == 5
    assert outlet.secrets()[0].reveal() == "[1, 2]"


def test_an_empty_variable_counts_as_not_set(read: Read) -> None:
    """A variable that compose passes on empty does not blank a key."""
    assert read('[log]\nlevel = "error"\n', env={"SYNCD_LOG__LEVEL": ""}).log.level == "error"


def test_a_name_may_end_in_an_underscore(read: Read, sound: str) -> None:
    """The two underscores after a name that ends in one are the last two."""
    base = sound.replace("[store.shop]", "[store.shop_]")
    assert read(base=base, env={"SYNCD_STORE__SHOP___MODE": "shadow"}).stores["shop_"].mode == "shadow"


def test_a_problem_from_the_environment_names_the_variable(problems: Problems) -> None:
    """Who looks for a mistake in the file is sent to the environment."""
    assert problems(env={"SYNCD_DAEMON__GRACE": "soon"})[0].endswith("(set by SYNCD_DAEMON__GRACE).")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("SYNCD_STOER__SHOP__MODE", "did you mean SYNCD_STORE__SHOP__MODE?"),
        ("SYNCD_LOG_LEVEL", "did you mean SYNCD_LOG__LEVEL?"),
        ("SYNCD_LOG__LEVLE", "log.levle: is unknown; did you mean level? (set by"),
    ],
)
def test_a_misspelled_variable_is_not_ignored(problems: Problems, name: str, hint: str) -> None:
    """A variable that looks like a key but is none is a problem, with what was meant."""
    (problem,) = problems(env={name: "debug"})
    assert hint.split(" (set")[0].rstrip("?") in problem


def test_other_peoples_variables_are_left_alone(read: Read) -> None:
    """Variables that begin with the same letters but look like no key are not ours to judge."""
    assert read(env={"SYNCD_TEST_DATABASE": "x", "PATH": "y"}).log.level == "info"


def test_an_old_name_still_works_and_is_noted(write: Write, sound: str) -> None:
    """A renamed key is taken from its old place, and a notice asks to rename it."""
    path = write(sound + '[store.shop.listing]\ntier = "Retail"\n')
    settings = load(path, {}, renamed={"store.*.listing.tier": "store.*.listing.price_tier"})
    assert settings.stores["shop"].listing.price_tier == "Retail"
    assert settings.notices == ("store.shop.listing.tier is now called price_tier; please rename it.",)


def test_an_old_name_beside_the_new_one_is_a_problem(write: Write, sound: str) -> None:
    """Nobody guesses which of two names was meant."""
    path = write(sound + '[store.shop.listing]\ntier = "Retail"\nprice_tier = 3\n')
    with pytest.raises(ConfigurationError, match="is the old name of price_tier"):
        load(path, {}, renamed={"store.*.listing.tier": "store.*.listing.price_tier"})
