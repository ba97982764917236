"""A configuration that is sound, to be spoilt by each test in its own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from syncd.config import Settings, load
from syncd.errors import ConfigurationError

SOUND = """
[unleashed.main]
api_id = "id-of-main"
api_key = "marked-unleashed-key"

[store.shop]
kind = "woocommerce"
base_url = "https://shop.example.test"
consumer_key = "ck_marked"
consumer_secret = "marked-consumer-secret"
"""

Write = Callable[[str], Path]
Read = Callable[..., Settings]
Problems = Callable[..., tuple[str, ...]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration file and return where it is."""

    def writer(text: str) -> Path:
        path = tmp_path / "syncd.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return writer


@pytest.fixture
def read(write: Write) -> Read:
    """Read the sound configuration with more text after it (or another `base`), under an environment."""

    def reader(more: str = "", *, base: str = SOUND, env: Mapping[str, str] | None = None) -> Settings:
        return load(write(base + more), env or {})

    return reader


@pytest.fixture
def problems(read: Read) -> Problems:
    """Return what is wrong with such a configuration."""

    def finder(more: str = "", *, base: str = SOUND, env: Mapping[str, str] | None = None) -> tuple[str, ...]:
        with pytest.raises(ConfigurationError) as caught:
            read(more, base=base, env=env)
        return caught.value.problems

    return finder


@pytest.fixture
def sound() -> str:
    """Return the text of the sound configuration."""
    return SOUND
