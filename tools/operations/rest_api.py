"""A deployed REST API: requests to it, and what its logs say of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

import urllib3

from tools.deploy.target import Target
from tools.operations.logs import Line
from tools.operations.trace import Entry

# How a trace calls the API's access log, and the web ACL's.
ACCESS: Final = "API"
FIREWALL: Final = "firewall"


@dataclass(frozen=True)
class Answer:
    """A response of the API: status, JSON document, and headers; names of headers are case-insensitive."""

    status: int
    body: Any
    headers: Mapping[str, str]


class RestApi:
    """The API of a system's service unit (outputs `api` and `web_acl`)."""

    def __init__(self, target: Target, service: Mapping[str, Any]) -> None:
        self._api = service["api"]
        self._web_acl = service["web_acl"]
        self._emulator = target.emulator
        self._http = urllib3.PoolManager(maxsize=32, block=True, retries=False, timeout=60)

    @cached_property
    def url(self) -> str:
        """The URL of its stage; on the emulator its address replaces the API's host name."""
        if not self._emulator:
            return str(self._api["url"])
        return f"{self._emulator.endpoint}/restapis/{self._api['id']}/{self._api['stage_name']}/_user_request_"

    def request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send a request for a path, such as "/webhook", as it is."""
        answer = self._http.request(method, self.url + path, body=body, headers=dict(headers))
        return Answer(answer.status, _document(answer.data), answer.headers)

    def post_form(self, url: str, fields: Mapping[str, str], name: str, content: bytes) -> int:
        """Post a form that the API gave out, with a file. Returns the status."""
        answer = self._http.request("POST", url, fields=[*fields.items(), ("file", (name, content))])
        return int(answer.status)

    @property
    def log_groups(self) -> dict[str, str]:
        return {ACCESS: self._api["log_groups"]["access"]["name"], FIREWALL: self._web_acl["log_group"]["name"]}


def request_id(line: Line) -> str | None:
    """Whose request an entry of either log is about."""
    if line.group == FIREWALL:
        return (line.fields.get("httpRequest") or {}).get("requestId")
    return line.fields.get("request_id")


def describe_request(line: Line) -> Entry | None:
    """An entry of either log, for a person."""
    fields = line.fields
    if line.group == FIREWALL:
        return Entry(line.at, "firewall", f"{fields.get('action')} by {fields.get('terminatingRuleId')}")
    if line.group != ACCESS or "status" not in fields:
        return None
    at = datetime.fromtimestamp(int(fields["time"]) / 1000, UTC)
    took = f"{fields['method']} {fields['path']}: {fields['status']} in {fields['response_latency']} ms"
    return Entry(at, "front door", f"{took}, request {fields['request_id']}")


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
