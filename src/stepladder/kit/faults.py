"""What a validator found wrong, in plain words: its own name types and classes that no person knows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "missing": "is missing",
        "extra_forbidden": "is not known here",
        "model_type": "is not a JSON object",
        "list_type": "must be a list",
        "string_type": "must be text",
        "string_too_short": "must have at least {min_length} characters",
        "string_too_long": "is longer than {max_length} characters",
        "string_pattern_mismatch": "does not have the right form",
        "too_long": "has more than {max_length} entries",
        "int_type": "must be a whole number",
        "int_parsing": "must be a whole number",
        "int_from_float": "must be a whole number",
        "float_type": "must be a number",
        "float_parsing": "must be a number",
        "finite_number": "must be a number",
        "bool_type": "must be yes or no",
        "bool_parsing": "must be yes or no",
        "greater_than": "must be more than {gt:g}",
        "greater_than_equal": "must be at least {ge:g}",
        "less_than": "must be less than {lt:g}",
        "less_than_equal": "must be at most {le:g}",
        "literal_error": "must be {expected}",
        "enum": "must be {expected}",
        "uuid_parsing": "is not an id",
        "uuid_type": "is not an id",
        "json_invalid": "is not JSON",
    }
)
_OTHERWISE = "cannot be used"
# The types of what checks of ours say.
_OURS = ("value_error", "address")


def in_words(fault: Mapping[str, Any]) -> str:
    """What is wrong with a value, as a half sentence behind its name. What a check of ours says stays as it is."""
    if fault["type"] in _OURS:
        return str(fault["msg"]).removeprefix("Value error, ").removesuffix(".")
    return _WORDS.get(fault["type"], _OTHERWISE).format(**fault.get("ctx", {}))
