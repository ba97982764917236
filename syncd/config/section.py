"""Describe one section of the configuration: its keys, each documented once, where it is defined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic.fields import FieldInfo

from syncd.config.secret import Given, Secret, read_secret, secret_from

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


def key(
    default: Any = ...,
    *,
    about: str,
    example: str = "",
    unset: str = "",
    later: bool = False,
    secret: bool = False,
    hidden: bool = False,
    **more: Any,
) -> Any:
    """Describe one key. `default` is written as in TOML (`...` = required, None = absent) and is validated.

    `about` says what the key means, `example` is TOML text for a key without a default, `unset` says what
    its absence means, `later` marks what this release accepts but does not use yet, `secret` allows the
    `_file` form, `hidden` keeps the value out of printed forms.
    """
    return Field(
        default,
        description=about,
        validate_default=default is not None and default is not ...,
        repr=not (secret or hidden),
        json_schema_extra={"example": example, "unset": unset, "later": later, "secret": secret},
        **more,
    )


class Section(BaseModel):
    """A frozen, typed part of the configuration that knows every key it may have."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True
    )
    unused: ClassVar[bool] = False
    """Whether this release accepts the section but does not act on it yet."""

    @model_validator(mode="before")
    @classmethod
    def _gather_secrets(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        rest = dict(data)
        for name in secret_keys(cls):
            text, file = rest.pop(name, None), rest.pop(f"{name}_file", None)
            if isinstance(text, Secret):
                rest[name] = text
            elif text is not None or file is not None:
                rest[name] = Given(text, file)
        return rest

    def secrets(self) -> tuple[Secret, ...]:
        """Return the secrets of this section that are set."""
        found = (getattr(self, name) for name in secret_keys(type(self)))
        return tuple(secret for secret in found if isinstance(secret, Secret))


class NamedSection(Section):
    """A section whose last word is chosen by the user: `[unleashed.main]`, `[store.shop]`."""

    _name: str = PrivateAttr(default="")

    def model_post_init(self, context: Any, /) -> None:
        """Take the name from the validation context."""
        self._name = (context or {}).get("path", "").rpartition(".")[2]

    @property
    def name(self) -> str:
        """Return the word the user chose for this account or store."""
        return self._name


def _secret(value: object, info: ValidationInfo) -> Secret:
    context = info.context or {}
    path = ".".join(part for part in (context.get("path", ""), info.field_name) if part)
    secret = secret_from(value, path, context.get("folder", Path()))
    if secret.file and context.get("check_secrets"):
        read_secret(secret.file)
    return secret


SecretText = Annotated[Secret, PlainValidator(_secret)]


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a section under the names that users write."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def trait(field: FieldInfo, name: str) -> Any:
    """Return what `key` was told about a field beside its description."""
    extra = field.json_schema_extra
    return extra.get(name) if isinstance(extra, dict) else None


def secret_keys(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the names of the secrets of a section, without `_file`."""
    return tuple(name for name, field in model.model_fields.items() if trait(field, "secret"))


def nested(field: FieldInfo) -> type[Section] | None:
    """Return the section that a field holds, if it holds one."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, Section) else None


def spellings(model: type[BaseModel]) -> tuple[str, ...]:
    """Return every word that may stand on the left in this section."""
    return (*keys_of(model), *(f"{name}_file" for name in secret_keys(model)))
