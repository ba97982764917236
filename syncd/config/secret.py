"""Keep what must not be seen: a secret is named in the configuration and read only when it is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from syncd.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Given:
    """A secret as it was written: the text itself, or the file that holds it, or wrongly both."""

    text: object = None
    file: object = None


class SecretFileError(ValueError):
    """The file that should hold a secret is missing, empty or unreadable."""


class Secret:
    """One secret, hidden in every printed form.

    `key` is the full key in the configuration and begins every message ("store.shop.consumer_secret").
    A secret from a file is read at the first `reveal` and kept until `reread`.
    """

    __slots__ = ("_value", "file", "key")

    def __init__(self, key: str, *, text: str | None = None, file: Path | None = None) -> None:
        self.key = key
        self.file = file
        self._value = text

    def reveal(self) -> str:
        """Return the secret itself, without trailing line breaks.

        Raises ConfigurationError, with the key and the file in its sentence, when the file is missing,
        empty or unreadable.
        """
        if self._value is None:
            self._value = self._read()
        return self._value

    def reread(self) -> bool:
        """Read the file again and return whether the secret is now another one.

        Meant for a 401 or 403 and for SIGHUP. A secret that was written in place never changes. When the
        file cannot be read, raises ConfigurationError and keeps the secret known so far.
        """
        if self.file is None:
            return False
        before, self._value = self._value, self._read()
        return before != self._value

    def problem(self) -> str | None:
        """Return why the secret cannot be used, as a sentence that begins with its key, or None."""
        try:
            self._read()
        except ConfigurationError as error:
            return error.problems[0]
        return None

    def _read(self) -> str:
        if self.file is None:
            return self._value or ""
        try:
            return read_secret(self.file)
        except SecretFileError as error:
            raise ConfigurationError([f"{self.key}_file: {error}."]) from None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return (self.key, self.file, self._value) == (other.key, other.file, other._value)

    def __hash__(self) -> int:
        return hash((self.key, self.file))

    def __repr__(self) -> str:
        return "Secret([hidden])"

    def __str__(self) -> str:
        return "[hidden]"


def read_secret(file: Path) -> str:
    """Return what the file holds, without trailing line breaks. Raises SecretFileError."""
    try:
        text = file.read_text(encoding="utf-8").rstrip("\r\n")
    except FileNotFoundError:
        raise SecretFileError(f"the file {file} does not exist") from None
    except OSError as error:
        raise SecretFileError(f"the file {file} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SecretFileError(f"the file {file} is not UTF-8 text") from None
    if not text.strip():
        raise SecretFileError(f"the file {file} is empty")
    return text


def secret_from(given: object, key: str, folder: Path) -> Secret:
    """Make the secret that was written; a relative file name is taken from `folder`.

    Raises ValueError when both forms are given, or when the one given is not usable text.
    """
    if isinstance(given, Secret):
        return given
    if not isinstance(given, Given):
        raise ValueError("must be text")
    name = key.rpartition(".")[2]
    if given.text is not None and given.file is not None:
        raise ValueError(f"is given twice, as {name} and as {name}_file; remove one of them")
    if given.file is None:
        return Secret(key, text=_usable(given.text, "must be text, in quotes, and not empty"))
    file = _usable(given.file, f"{name}_file must be the name of a file, in quotes")
    return Secret(key, file=folder / file)


def _usable(value: object, otherwise: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError(otherwise)
    return value
