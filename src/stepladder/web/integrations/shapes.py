"""What bodies and answers are made of: strict bases, and the kinds of members with their limits."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from stepladder.kit.ids import parse_uuid
from stepladder_protocol.messages import ElevationKind

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})


def sdk_type(name: str) -> str:
    """A media type of the documented product, by the part that differs."""
    return f"application/vnd.dvmi.{name}+json"


class _Typed(BaseModel):
    """What has a media type: plain JSON, or the documented product's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    media_type: ClassVar[str] = "application/json"

    def __init_subclass__(cls, sdk: str | None = None, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        if sdk:
            cls.media_type = sdk_type(sdk)


class Body(_Typed):
    """Base of what is sent: these members, of these types, and nothing else."""

    model_config = ConfigDict(strict=True)


class Answer(_Typed):
    """Base of what is answered: made of values of ours, whose names it has; on the wire they are in camel case."""

    model_config = ConfigDict(
        from_attributes=True,
        validate_by_name=True,
        alias_generator=AliasGenerator(serialization_alias=to_camel),
    )
    or_media_type: ClassVar[str | None] = None
    """Another media type, for who accepts exactly that."""
    says_null: ClassVar[bool] = True
    """Whether a member without a value is there as null, or left out."""

    def as_value(self) -> dict[str, Any]:
        return self.model_dump(mode="json", by_alias=True, exclude_none=not self.says_null)

    def as_json(self) -> bytes:
        return json.dumps(self.as_value()).encode()


class ByName:
    """Marks a member that is on the wire as an enum's name."""

    def __init__(self, *members: Enum) -> None:
        self._members = {member.name: member for member in members}

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        names = core_schema.literal_schema(list(self._members))
        read = core_schema.no_info_after_validator_function(self._members.__getitem__, names)
        write = core_schema.plain_serializer_function_ser_schema(_name_of, return_schema=names)
        return core_schema.no_info_before_validator_function(_name_of, read, serialization=write)


def wrong(what: str) -> PydanticCustomError:
    """What a validator of ours raises: the rest of a sentence that begins with the member's name and "must"."""
    return PydanticCustomError("form", "{what}", {"what": what})


def _name_of(value: Any) -> Any:
    return value.name if isinstance(value, Enum) else value


def _stripped(text: str) -> str:
    if not text.strip():
        raise wrong("not be empty")
    return text.strip()


def _shown(text: str) -> str:
    if not text.isprintable():
        raise wrong("not have a character that cannot be shown")
    return text


def _read_identifier(found: Any) -> Any:
    """An id that may come as text or as a whole number, as text."""
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found) if abs(found) < 10**20 else "out of range"
    return found


def _read_instant(found: Any) -> datetime:
    try:
        if isinstance(found, str) and _INSTANT.fullmatch(found):
            return datetime.fromisoformat(found).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise wrong('be a time with its zone, such as "2027-01-31T12:00:00Z"')


def _write_instant(at: datetime) -> str:
    """UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _read_uuid(found: Any) -> Any:
    parsed = parse_uuid(found) if isinstance(found, str) else None
    if parsed is None:
        raise wrong("be an id from an earlier answer")
    return parsed


NOT_EMPTY = AfterValidator(_stripped)
SHOWN = AfterValidator(_shown)
# Text without outer spaces. The name says what it is for, and by that how long it may be.
Text = Annotated[str, Field(min_length=1, max_length=512), NOT_EMPTY]
Name = Annotated[str, Field(min_length=1, max_length=200), NOT_EMPTY]
Email = Annotated[str, Field(min_length=1, max_length=254), NOT_EMPTY]
ProgramText = Annotated[str, Field(min_length=1, max_length=256), NOT_EMPTY, SHOWN]
Identifier = Annotated[
    str,
    Field(min_length=1, max_length=128),
    NOT_EMPTY,
    BeforeValidator(_read_identifier),
    WithJsonSchema({"oneOf": [{"type": "string", "maxLength": 128}, {"type": "integer"}]}),
]
Kind = Annotated[ElevationKind, Field(strict=False)]  # JSON has no enums, only their text
OurId = Annotated[UUID, BeforeValidator(_read_uuid)]
Instant = Annotated[datetime, BeforeValidator(_read_instant), _DATE_TIME]
At = Annotated[datetime, PlainSerializer(_write_instant), _DATE_TIME]
