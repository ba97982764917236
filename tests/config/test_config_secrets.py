"""Secrets are found where they were put, and are shown nowhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from syncd.config import Secret, Settings, load
from syncd.errors import ConfigurationError

Read = Callable[..., Settings]
Problems = Callable[..., tuple[str, ...]]
Write = Callable[[str], Path]

IN_FILE = 'consumer_secret_file = "shop_secret"'
IN_PLACE = 'consumer_secret = "marked-consumer-secret"'


def secret_of(settings: Settings) -> Secret:
    """Return the secret of the shop."""
    return settings.stores["shop"].secrets()[0]


def test_a_secret_is_hidden_in_every_printed_form(read: Read) -> None:
    """Printing the settings shows no secret, and no id that belongs to one."""
    settings = read('[database]\nurl = "postgresql+psycopg://u:marked-pw@db/x"\n')
    shown = f"{settings} {settings!r} {settings.stores['shop']} {secret_of(settings)} {secret_of(settings)!r}"
    assert "shop.example.test" in shown
    for hidden in ("marked", "id-of-main"):
        assert hidden not in shown
    assert secret_of(settings).reveal() == "marked-consumer-secret"


def test_a_secret_file_is_read_beside_the_configuration(read: Read, sound: str, tmp_path: Path) -> None:
    """A relative name is taken from the configuration's folder, and line breaks at the end are left out."""
    (tmp_path / "shop_secret").write_text(" marked-with-space \r\n\n")
    assert secret_of(read(base=sound.replace(IN_PLACE, IN_FILE))).reveal() == " marked-with-space "


def test_a_secret_file_is_kept_until_it_is_reread(read: Read, sound: str, tmp_path: Path) -> None:
    """A rotated file is noticed by `reread`, and only by it."""
    file = tmp_path / "shop_secret"
    file.write_text("marked-old")
    secret = secret_of(read(base=sound.replace(IN_PLACE, IN_FILE)))
    assert secret.reveal() == "marked-old"
    file.write_text("marked-new")
    assert secret.reveal() == "marked-old"
    assert secret.reread() is True
    assert secret.reveal() == "marked-new"
    assert secret.reread() is False


def test_a_file_that_vanished_leaves_the_known_secret(read: Read, sound: str, tmp_path: Path) -> None:
    """A file that is being replaced just now does not take the secret away."""
    file = tmp_path / "shop_secret"
    file.write_text("marked-old")
    settings = read(base=sound.replace(IN_PLACE, IN_FILE))
    secret_of(settings).reveal()
    file.unlink()
    with pytest.raises(ConfigurationError, match="does not exist"):
        secret_of(settings).reread()
    assert secret_of(settings).reveal() == "marked-old"
    assert len(settings.secret_problems()) == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "does not exist."),
        (b"", "is empty."),
        (b" \n", "is empty."),
        (b"\xff\xfe", "is not UTF-8 text."),
    ],
)
def test_an_unusable_secret_file_is_a_sentence(
    problems: Problems, sound: str, tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    """Missing, empty and unreadable files are named with the key that needs them."""
    file = tmp_path / "shop_secret"
    if content is not None:
        file.write_bytes(content)
    (problem,) = problems(base=sound.replace(IN_PLACE, IN_FILE))
    assert problem == f"store.shop.consumer_secret_file: the file {file} {sentence}"


def test_a_folder_is_no_secret_file(problems: Problems, sound: str, tmp_path: Path) -> None:
    """What docker makes of a missing file, a folder, is said to be unreadable."""
    (tmp_path / "shop_secret").mkdir()
    (problem,) = problems(base=sound.replace(IN_PLACE, IN_FILE))
    assert "cannot be read (Is a directory)" in problem


def test_commands_that_need_no_secret_can_do_without(write: Write, sound: str) -> None:
    """With `check_secrets` off a missing file is found when the secret is used."""
    settings = load(write(sound.replace(IN_PLACE, IN_FILE)), {}, check_secrets=False)
    with pytest.raises(
        ConfigurationError, match=r"store\.shop\.consumer_secret_file: the file .* does not exist"
    ):
        secret_of(settings).reveal()


def test_the_environments_secret_goes_before_the_files(read: Read, sound: str, tmp_path: Path) -> None:
    """A secret from outside replaces the one in the file, whichever form either has."""
    (tmp_path / "other").write_text("marked-from-file")
    in_file = sound.replace(IN_PLACE, IN_FILE)
    text, file = "SYNCD_STORE__SHOP__CONSUMER_SECRET", "SYNCD_STORE__SHOP__CONSUMER_SECRET_FILE"
    assert secret_of(read(base=in_file, env={text: "marked-env"})).reveal() == "marked-env"
    assert secret_of(read(base=sound, env={file: "other"})).reveal() == "marked-from-file"


@pytest.mark.parametrize("where", ["file", "environment"])
def test_a_secret_given_twice_is_a_problem(problems: Problems, sound: str, where: str) -> None:
    """Two forms of one secret in the same place are refused."""
    names = ("SYNCD_STORE__SHOP__CONSUMER_SECRET", "SYNCD_STORE__SHOP__CONSUMER_SECRET_FILE")
    env = dict.fromkeys(names, "marked") if where == "environment" else {}
    base = sound if where == "environment" else f"{sound}{IN_FILE}\n"
    (problem,) = problems(base=base, env=env)
    assert problem.startswith(
        "store.shop.consumer_secret: is given twice, as consumer_secret and as consumer_secret_file; "
        "remove one of them"
    )


@pytest.mark.parametrize("value", ["12345", '""', "[]"])
def test_a_secret_is_text(problems: Problems, sound: str, value: str) -> None:
    """A number, a list or nothing at all is no secret."""
    (problem,) = problems(base=sound.replace(IN_PLACE, f"consumer_secret = {value}"))
    assert problem == "store.shop.consumer_secret: must be text, in quotes, and not empty."


def test_everything_confidential_can_be_listed(read: Read) -> None:
    """The log learns every secret, every id that belongs to one, and the heartbeat's address."""
    heartbeat = "https://heartbeat.example.test/marked"
    assert set(read(f'[alerts]\nheartbeat_url = "{heartbeat}"\n').confidential()) == {
        heartbeat,
        "marked-consumer-secret",
        "marked-unleashed-key",
        "id-of-main",
        "ck_marked",
    }


def test_the_database_password_is_put_into_the_address(read: Read) -> None:
    """A password of its own arrives percent-encoded in the address for the driver, and only there."""
    database = read(
        '[database]\nurl = "postgresql+psycopg://syncd@db.example.test/syncd"\npassword = "p@ss/w:rd"\n'
    ).database
    assert database.address() == "postgresql+psycopg://syncd:p%40ss%2Fw%3Ard@db.example.test/syncd"
    assert "p@ss" not in repr(database)
    assert "ss%2Fw" not in repr(database)
