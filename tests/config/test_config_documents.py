"""The reference page and the example file say what the keys say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from syncd.config import load
from syncd.config.describe import chapters, documents, entries, example, main

ROOT = Path(__file__).resolve().parents[2]


def test_the_generated_documents_are_current() -> None:
    """Whoever changes a key runs `make docs`."""
    for path, text in documents(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of step: run `make docs`"


def test_check_names_what_is_out_of_step(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` fails and names the files; `--write` brings them up to date."""
    (tmp_path / "docs").mkdir()
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (tmp_path / "docs" / "configuration.md").write_text(page.replace("| `grace` |", "| `grease` |"))
    assert main(["--check"], tmp_path) == 1
    said = capsys.readouterr().err
    assert "docs/configuration.md is out of step" in said
    assert "syncd.example.toml is out of step" in said
    assert main(["--write"], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0


def test_the_example_loads(tmp_path: Path) -> None:
    """The example file is a sound configuration once its secrets are there."""
    settings = load(ROOT / "syncd.example.toml", {}, check_secrets=False)
    assert settings.rules_hash("shop") == load(
        ROOT / "syncd.example.toml", {}, check_secrets=False
    ).rules_hash("shop")
    assert len(settings.secret_problems()) == 2


def test_every_line_of_the_example_may_be_switched_on(tmp_path: Path) -> None:
    """Every default and every example value in it is accepted, and every key is there."""
    path = tmp_path / "syncd.toml"
    path.write_text(re.sub(r"(?m)^# (\[|\w+ = )", r"\1", example()))
    settings = load(path, {}, check_secrets=False)
    assert settings.mail is not None
    written = tomllib.loads(path.read_text())
    for name, model in chapters("woocommerce"):
        section = written
        for word in name.split("."):
            section = section[word]
        assert {entry.name for entry in entries(model)} <= set(section), name


def test_the_example_can_be_filled_in(tmp_path: Path) -> None:
    """Values handed in replace the line shown, so that `init` writes a file of the same shape."""
    text = example(values={"store.shop.mode": '"shadow"', "mail.host": '"smtp.example.test"'})
    assert '\nmode = "shadow"\n' in text
    assert "\n[mail]\n" in text
    path = tmp_path / "syncd.toml"
    path.write_text(text)
    assert load(path, {}, check_secrets=False).stores["shop"].mode == "shadow"


def test_what_does_nothing_yet_says_so() -> None:
    """Keys that this release accepts without acting on them are marked on the page."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    for heading in ("[secrets]",):
        section = page.partition(f"### `{heading}`")[2].partition("###")[0]
        assert "Not used yet" in section, heading
    assert "Not used yet" not in page.partition("### `[store.shop.listing]`")[2].partition("###")[0]
