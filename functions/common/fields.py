"""Read the fields of a JSON document from outside, and collect every fault."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import final

import msgspec

from functions.common.faults import Fault

MAXIMUM_TEXT_LENGTH = 256

# As deep as the strictest of the common parsers reads by default (.NET's System.Text.Json): a consumer can read what is
# read here. It is also below Python's own limit, which counts the callers as well.
MAXIMUM_DEPTH = 64

_BRACKETS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[\]{}]', re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)

# Python converts no more digits to an integer (`sys.get_int_max_str_digits`: 4,300); msgspec counts the sign as one.
_LONGEST_INTEGER = 4_299
_LONGER_INTEGER = re.compile(rf"(?<![0-9.eE+])(?<![eE]-)[0-9]{{{_LONGEST_INTEGER + 1},}}", re.ASCII)


def _read_number(digits: str) -> Decimal:
    """A number with a point or an exponent is a Decimal: a binary float cannot hold 0.1.

    An exponent beyond those of Decimal gives infinity or zero, as every reader does.
    """
    try:
        return Decimal(digits)
    except ArithmeticError:
        return Decimal(float(digits))


_DECODER = msgspec.json.Decoder(float_hook=_read_number)


class NotJsonError(ValueError):
    """The text is no JSON document, or one that is not accepted here. `code` names the reason for machines."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_json(text: str) -> object:
    """Parse JSON without a binary float in the result: integers are `int`, all other numbers `Decimal`.

    JSON limits no number, but Python does. An integer that is too long for Python reads as its first 4,299 digits,
    which is beyond the limit of every field. Raises NotJsonError, also for what JSON does not have (NaN, a lone
    surrogate), for nesting deeper than MAXIMUM_DEPTH, and for an object with the same name twice.
    """
    if _is_too_deep(text):
        raise NotJsonError("too_deep", f"is nested more than {MAXIMUM_DEPTH} levels deep")
    try:
        document = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise NotJsonError("not_json", "is not JSON") from error
    # The decoder silently takes the last of two equal names. Numbers stay text: Python refuses to convert a longer one.
    json.loads(text, object_pairs_hook=_refuse_repeated_names, parse_int=str, parse_float=str)
    return document


def _decode(text: str) -> object:
    try:
        return _DECODER.decode(text.encode("utf-8"))
    except msgspec.ValidationError:  # the decoder has no type: what it refuses so is an integer
        shortened = _LONGER_INTEGER.sub(lambda digits: digits[0][:_LONGEST_INTEGER], text)
        return _DECODER.decode(shortened.encode("utf-8"))


def _refuse_repeated_names(pairs: Sequence[tuple[str, object]]) -> None:
    """RFC 8259, section 4: which of two equal names counts depends on the reader, so a consumer might read another
    event than the one that was validated here.
    """
    if len({name for name, _ in pairs}) < len(pairs):
        raise NotJsonError("repeated_name", "holds an object in which a name stands twice")


def _is_too_deep(text: str) -> bool:
    if text.count("[") + text.count("{") <= MAXIMUM_DEPTH:
        return False
    depth = 0
    for part in _BRACKETS.finditer(text):
        if part[0] in "[{":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                return True
        elif part[0] in "]}":
            depth -= 1
    return False


@final
class Fields:
    """The fields of one JSON object. A field that is absent, null or wrong reads as None and adds a fault.

    Objects inside share the list of faults, and name their fields from the document's root: `data.object.amount`.
    """

    def __init__(self, document: Mapping[str, object], faults: list[Fault], path: str = "") -> None:
        self._document = document
        self._path = path
        self.faults = faults

    def __contains__(self, name: str) -> bool:
        return self._document.get(name) is not None

    def path(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def fault(self, name: str, code: str, message: str) -> None:
        self.faults.append(Fault(self.path(name), code, message))

    def is_null(self, name: str) -> bool:
        """Whether the field is present and null. Everywhere else a null field counts as absent."""
        return name in self._document and self._document[name] is None

    def apart(self) -> Fields:
        """The same fields with a list of faults of their own."""
        return Fields(self._document, [], self._path)

    def with_fields_of(self, other: Fields) -> Fields:
        """The same fields with those of `other` in their place, and a list of faults of their own."""
        return Fields({**self._document, **other._document}, [], self._path)

    def text(
        self,
        name: str,
        *,
        required: bool = True,
        pattern: re.Pattern[str] | None = None,
        form: str = "",
        or_integer: bool = False,
    ) -> str | None:
        """A string of 1 to 256 characters that `pattern` matches as a whole; `form` describes the pattern to people.

        With `or_integer`, a JSON integer as well, in its digits.
        """
        value = self._value(name, required)
        if or_integer and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            return None
        if not isinstance(value, str):
            self._wrong_type(name, "a string")
            return None
        if not value and not required:
            return None
        if not value:
            self.fault(name, "missing", "is empty")
        elif len(value) > MAXIMUM_TEXT_LENGTH:
            self.fault(name, "too_long", f"is longer than {MAXIMUM_TEXT_LENGTH} characters")
        elif pattern is not None and not pattern.fullmatch(value):
            self.fault(name, "malformed", f"is not {form}")
        else:
            return value
        return None

    def integer(self, name: str, *, required: bool = True, or_text: bool = False) -> int | None:
        """A JSON integer; with `or_text`, its decimal digits in a string as well. `10.0` and `true` are no integers."""
        value = self._value(name, required)
        if value is None:
            return None
        if or_text and isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self._wrong_type(name, "an integer")
            return None
        return value

    def number(self, name: str, *, required: bool = True) -> Decimal | None:
        """A JSON number, exact. `true` and digits in a string are not numbers."""
        value = self._value(name, required)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self._wrong_type(name, "a number")
            return None
        return Decimal(value)

    def flag(self, name: str, *, required: bool = True) -> bool | None:
        """A boolean, or the string `true` or `false`."""
        value = self._value(name, required)
        if value is None or isinstance(value, bool):
            return value
        if value in ("true", "false"):
            return value == "true"
        self._wrong_type(name, "true or false")
        return None

    def nested(self, name: str, *, required: bool = True) -> Fields | None:
        """The fields of the object under `name`."""
        value = self._value(name, required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._wrong_type(name, "an object")
            return None
        return Fields(value, self.faults, self.path(name))

    def each_nested(self, name: str, *, required: bool = True) -> list[Fields]:
        """The fields of each object of an array, named by its index: `items[0]`. What is no object has no fields."""
        value = self._value(name, required)
        if value is None:
            return []
        if not isinstance(value, list):
            self._wrong_type(name, "an array")
            return []
        return [
            Fields(element if isinstance(element, dict) else {}, self.faults, f"{self.path(name)}[{index}]")
            for index, element in enumerate(value)
        ]

    def texts(self, name: str) -> list[str]:
        """The strings of an array that may be absent, each of 1 to 256 characters. Empty ones are left out."""
        value = self._value(name, required=False)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(element, str) for element in value):
            self._wrong_type(name, "an array of strings")
            return []
        endless = next((index for index, text in enumerate(value) if len(text) > MAXIMUM_TEXT_LENGTH), None)
        if endless is not None:
            self.fault(f"{name}[{endless}]", "too_long", f"is longer than {MAXIMUM_TEXT_LENGTH} characters")
            return []
        return [text for text in value if text]

    def _value(self, name: str, required: bool) -> object:
        value = self._document.get(name)
        if value is None and required:
            self.fault(name, "missing", "is required")
        return value

    def _wrong_type(self, name: str, expected: str) -> None:
        self.fault(name, "wrong_type", f"is not {expected}")
