"""Compares mock outputs with the outputs that they imitate: a wrong mock lets a plan pass that an apply refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
_ARN: Final = re.compile(
    r"arn:(?P<partition>[^:]*):(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)"
)
_URL: Final = re.compile(r"https?://")


def compare(mock: Mapping[str, Any], real: Mapping[str, Any]) -> list[str]:
    """Where mock outputs differ from real ones in name, kind or form: one line each, none when they agree.

    Both are values by name, as `mock_outputs.yaml` and `{name: output["value"]}` hold them. Values may differ; objects
    must have the same attributes all the way down, lists elements of one kind, ARNs the same service and resource form,
    and a region and account where the real one has them.
    """
    return _differences("", dict(mock), dict(real))


def _differences(path: str, mock: Any, real: Any) -> list[str]:
    if isinstance(mock, dict) and isinstance(real, dict):
        found = [f"{_join(path, name)}: the mock lacks it" for name in sorted(real.keys() - mock.keys())]
        found += [f"{_join(path, name)}: the real outputs lack it" for name in sorted(mock.keys() - real.keys())]
        for name in sorted(mock.keys() & real.keys()):
            found += _differences(_join(path, name), mock[name], real[name])
        return found
    if isinstance(mock, list) and isinstance(real, list):
        if bool(mock) != bool(real):
            return [f"{path}: the list is empty {'in the real outputs' if mock else 'in the mock'} only"]
        pairs = [(one, real[0]) for one in mock] + [(mock[0], other) for other in real] if mock else []
        return list(dict.fromkeys(line for pair in pairs for line in _differences(f"{path}[]", *pair)))
    if _kind(mock) != _kind(real):
        return [f"{path}: {_kind(mock)} in the mock, {_kind(real)} in the real outputs"]
    if isinstance(mock, str) and (form := _form(mock)) != (wanted := _form(real)):
        return [f"{path}: {form} in the mock, {wanted} in the real outputs"]
    return []


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "bool"), (str, "string"), (int | float, "number"), (list, "list"), (dict, "object")):
        if isinstance(value, kind):
            return name
    return type(value).__name__


def _form(text: str) -> str:
    """The part of a text that users rely on: an ARN's service, its form, and whether it names region and account.

    "arn:aws:sqs:us-east-1:111111111111:payments" has the form "arn:aws:sqs:<region>:<account>:<>".
    """
    if arn := _ARN.fullmatch(text):
        region, account = (f"<{part}>" if arn[part] else "" for part in ("region", "account"))
        return f"arn:{arn['partition']}:{arn['service']}:{region}:{account}:{_resource_form(arn['resource'])}"
    return "a URL" if _URL.match(text) else "text"


def _resource_form(resource: str) -> str:
    """A resource's type, and the separators and stars after it: "table/orders/index/*" becomes "table/<>/<>/*"."""
    parts = re.split(r"([:/])", resource)
    if len(parts) == 1:
        return "<>"
    return parts[0] + "".join(part if part in (":", "/", "*", "") else "<>" for part in parts[1:])
