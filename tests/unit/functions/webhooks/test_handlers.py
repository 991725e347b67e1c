"""The two handlers, with the table, the router and the queues replaced. Every answer has to be one of the API's."""

from __future__ import annotations

import base64
import importlib
import json
import math
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from datetime import datetime
from functools import cache
from io import StringIO
from itertools import count
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from functions.common.errors import TransientError
from functions.common.fields import MAXIMUM_DEPTH
from functions.common.personal_data import mask_personal_data
from functions.common.settings import SettingError
from functions.webhooks.aws.event_table import EventTable
from functions.webhooks.logic.events import TransactionType, read_event
from functions.webhooks.logic.handover import HandOver, HandOvers
from functions.webhooks.logic.requests import MAXIMUM_BODY_BYTES, MAXIMUM_ENCODED_BYTES, Rejected
from functions.webhooks.logic.routing import UnroutableEvent
from functions.webhooks.logic.signatures import (
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    TOLERANCE_S,
    SecretCache,
    SignatureCheck,
    SigningSecrets,
    UnusableSecretError,
    sign,
)
from tests.unit.functions.webhooks.fakes import Died, Fate, Fates, GatedRouter, GatedStore, MemoryTable, payload

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "DYNAMODB_TABLE": "transaction-events",
    "LOG_LEVEL": "INFO",
    "POWERTOOLS_METRICS_NAMESPACE": "Webhooks",
    "POWERTOOLS_TRACE_DISABLED": "true",
    "REGION": "us-east-1",
    "RELEASE": "release-1",
    "ROUTER_LAMBDA_NAME": "event-router",
    "SIGNATURE_REQUIRED": "true",
    "SIGNING_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:111111111111:secret:signing",
    **{f"{type_.name}S_QUEUE_URL": f"https://queues/{type_}s" for type_ in TransactionType},
}
SERVICES = count()
SECRET = "s" * 32
NOW = 1_772_359_200
DOCUMENT = Path(__file__).parents[4] / "modules" / "systems" / "webhooks" / "service" / "openapi.yaml"


def load(handler: str) -> ModuleType:
    """The handler's module as a cold start imports it."""
    name = f"functions.webhooks.{handler}"
    sys.modules.pop(name, None)
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def answers() -> Mapping[str, Any]:
    """The answers that the API's description has, by status."""
    document = yaml.safe_load(DOCUMENT.read_text())
    described: Mapping[str, Any] = document["paths"]["/webhook"]["post"]["responses"]
    schemas = document["components"]["schemas"]
    return {
        status: schemas[answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]]
        for status, answer in described.items()
    }


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    # Loggers of one service share the stream of the first; each test reads its own.
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", f"webhooks-{next(SERVICES)}")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)


class Api:
    """The validator behind the API. `fates` are those of its next calls."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any]) -> None:
        self._answers = answers
        self.secrets: SigningSecrets | Exception = SigningSecrets(SECRET)
        self.fates = Fates()
        self.routed: list[HandOver] = []
        self.requests = 0
        self.log = StringIO()
        self.now_s = float(NOW)
        with redirect_stdout(self.log):
            self.module = load("webhook_validator")
        monkeypatch.setattr(
            self.module, "signature_check", SignatureCheck(SecretCache(self._fetch, self._clock), self._clock)
        )
        store = GatedStore(EventTable(MemoryTable()), self.fates)
        router = GatedRouter(self.routed.append, self.fates)
        monkeypatch.setattr(self.module, "hand_overs", HandOvers(store, router, self._clock, self._sleep))
        monkeypatch.setattr(self.module, "time", SimpleNamespace(time=self._clock))

    def _clock(self) -> float:
        return self.now_s

    def _sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def _fetch(self) -> SigningSecrets:
        if isinstance(self.secrets, Exception):
            raise self.secrets
        return self.secrets

    def post(
        self,
        body: str,
        *,
        headers: Mapping[str, str] | None = None,
        repeated: Mapping[str, list[str]] | None = None,
        binary: bool = False,
    ) -> dict[str, Any]:
        """Signed unless `headers` are given; `repeated` have several values each. Held to the API's description."""
        self.requests += 1
        timestamp = str(int(self.now_s))
        signature = sign(body.encode(), timestamp, SECRET.encode())
        if headers is None:
            headers = {"X-Webhook-Timestamp": timestamp, "X-WEBHOOK-SIGNATURE": f"v1={signature}"}
        sent = {name: [value] for name, value in headers.items()} | dict(repeated or {})
        event = {
            "body": base64.b64encode(body.encode()).decode() if binary else body,
            "headers": {name: values[-1] for name, values in sent.items()},
            "isBase64Encoded": binary,
            "multiValueHeaders": sent,
            "requestContext": {"requestId": f"request-{self.requests}"},
        }
        context = SimpleNamespace(
            aws_request_id=f"invocation-{self.requests}",
            function_name="webhook-validator",
            get_remaining_time_in_millis=lambda: 30_000,
            invoked_function_arn="arn",
            memory_limit_in_mb=256,
            tenant_id=None,
        )
        with redirect_stdout(self.log):
            answer: dict[str, Any] = self.module.handler(event, context)
        assert answer["headers"]["Content-Type"] == "application/json"
        jsonschema.validate(json.loads(answer["body"]), self._answers[str(answer["statusCode"])])
        return answer

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    def metric(self, name: str) -> float:
        return sum(sum(entry[name]) for entry in self.entries() if "_aws" in entry and name in entry)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, answers: Mapping[str, Any]) -> Api:
    return Api(monkeypatch, answers)


@pytest.mark.requirement("WHK-03", "WHK-10")
def test_a_valid_event_is_answered_200_and_handed_to_the_router(api: Api) -> None:
    answer = api.post(payload(event_id="evt-7"))

    assert answer["statusCode"] == 200
    assert json.loads(answer["body"]) == {
        "message": "Event validated and queued for processing",
        "event_id": "evt-7",
    }
    assert [hand_over.event_id for hand_over in api.routed] == ["evt-7"]
    assert api.metric("WebhooksAccepted") == 1


@pytest.mark.requirement("WHK-04")
def test_a_duplicate_is_answered_409(api: Api) -> None:
    api.post(payload())
    answer = api.post(payload())

    assert (answer["statusCode"], json.loads(answer["body"])) == (409, {"error": "Duplicate event"})
    assert len(api.routed) == 1
    assert api.metric("WebhooksDuplicate") == 1


@pytest.mark.requirement("WHK-05", "WHK-06")
@pytest.mark.parametrize(
    ("body", "error"),
    [
        (payload(amount=...), "Missing required field: amount"),
        (payload(amount="1"), "Field amount is not a number"),
        ("{", "Request body is not JSON"),
    ],
)
def test_a_faulty_event_is_answered_400_and_goes_nowhere(api: Api, body: str, error: str) -> None:
    answer = api.post(body)

    assert (answer["statusCode"], json.loads(answer["body"])) == (400, {"error": error})
    assert api.routed == []
    assert api.metric("WebhooksRejected") == 1


@pytest.mark.requirement("WHK-06")
def test_the_largest_body_is_taken_and_one_byte_more_is_answered_413(api: Api) -> None:
    empty = payload(note="")
    room = MAXIMUM_BODY_BYTES - len(empty)

    assert api.post(payload(note="x" * (room + 1)))["statusCode"] == 413
    assert api.post(payload(note="x" * room))["statusCode"] == 200


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("headers", [{}, {"X-Webhook-Timestamp": str(NOW), "X-Webhook-Signature": "v1=" + "0" * 64}])
def test_an_unsigned_request_is_answered_401_before_its_body_is_looked_at(api: Api, headers: Mapping[str, str]) -> None:
    answer = api.post("{", headers=headers)

    assert (answer["statusCode"], json.loads(answer["body"])) == (401, {"error": "Invalid signature"})


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("valid_at", [0, 1, 2])
def test_of_several_signature_headers_each_counts(api: Api, valid_at: int) -> None:
    body, timestamp = payload(), str(NOW)
    valid = f"v1={sign(body.encode(), timestamp, SECRET.encode())}"
    sent = ["v1=" + "0" * 64, "v0=abc"]
    sent.insert(valid_at, valid)

    answer = api.post(body, headers={"x-webhook-timestamp": timestamp}, repeated={"X-Webhook-Signature": sent})

    assert answer["statusCode"] == 200


@pytest.mark.requirement("WHK-07")
def test_two_times_of_signing_are_none(api: Api) -> None:
    body, timestamp = payload(), str(NOW)
    valid = f"v1={sign(body.encode(), timestamp, SECRET.encode())}"
    times = {"X-Webhook-Timestamp": [str(NOW - 1), timestamp]}

    assert api.post(body, headers={"X-Webhook-Signature": valid}, repeated=times)["statusCode"] == 401


@pytest.mark.requirement("WHK-07")
def test_a_body_that_arrives_in_base64_is_verified_and_read_as_it_was_sent(api: Api) -> None:
    body = payload(note="é")

    assert api.post(body, binary=True)["statusCode"] == 200
    assert [hand_over.payload for hand_over in api.routed] == [body]


@pytest.mark.requirement("WHK-07")
def test_where_signatures_are_not_required_a_request_without_one_is_taken(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGNATURE_REQUIRED", "false")
    monkeypatch.setattr(api.module, "signature_check", load("webhook_validator").signature_check)

    assert api.post(payload(), headers={})["statusCode"] == 200


@pytest.mark.requirement("WHK-07")
def test_without_a_secret_the_sender_is_asked_to_come_again_and_the_log_names_the_remedy(api: Api) -> None:
    api.secrets = UnusableSecretError("the signing secret has no value: set it")
    answer = api.post(payload())

    assert (answer["statusCode"], json.loads(answer["body"])) == (503, {"error": "Service unavailable"})
    assert int(answer["headers"]["Retry-After"]) >= 1
    errors = [entry["problem"] for entry in api.entries() if entry.get("level") == "ERROR"]
    assert errors == ["the signing secret has no value: set it"]


@pytest.mark.requirement("WHK-12")
def test_when_the_router_is_throttled_the_next_attempt_is_answered_200(api: Api) -> None:
    api.fates.planned["invoke"] = Fate.FAILS_BEFORE
    assert api.post(payload())["statusCode"] == 503
    assert api.post(payload())["statusCode"] == 200

    assert len(api.routed) == 1
    assert api.metric("HandOversCompletedByRetry") == 1


@pytest.mark.requirement("WHK-12")
def test_while_another_delivery_is_at_it_the_sender_is_told_when_to_come_again(api: Api) -> None:
    api.fates.planned["invoke"] = Fate.DIES_BEFORE
    with pytest.raises(Died):
        api.post(payload())

    answer = api.post(payload())
    assert answer["statusCode"] == 503

    api.now_s += int(answer["headers"]["Retry-After"])
    assert api.post(payload())["statusCode"] == 200


@pytest.mark.requirement("WHK-12")
def test_a_fault_that_no_sender_can_mend_counts_as_an_error_of_the_function(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(hand_over: HandOver) -> None:
        raise PermissionError("not authorized to perform lambda:InvokeFunction")

    allowed = api.module.hand_overs._router
    monkeypatch.setattr(api.module.hand_overs, "_router", SimpleNamespace(invoke=denied))
    with pytest.raises(PermissionError):
        api.post(payload())

    monkeypatch.setattr(api.module.hand_overs, "_router", allowed)
    assert api.post(payload())["statusCode"] == 200


def test_the_log_holds_ids_and_codes_and_nothing_of_the_body(api: Api) -> None:
    api.post(payload(customer="Ada Lovelace", iban="DE02120300000000202051"))
    api.post(payload(customer="Ada Lovelace", amount=11))
    api.post(payload(event_id="evt-2", transaction_type="Ada Lovelace", amount=-815))

    assert "Ada" not in api.log.getvalue()
    assert "DE02" not in api.log.getvalue()
    assert "815" not in api.log.getvalue()
    entries = [entry for entry in api.entries() if "level" in entry]
    assert {entry["release"] for entry in entries} == {"release-1"}
    assert [entry.get("event_id") for entry in entries] == ["evt-1", "evt-1", "evt-1", None]
    assert [entry["correlation_id"] for entry in entries] == ["request-1", "request-2", "request-2", "request-3"]
    assert entries[-1]["codes"] == ["transaction_type:unknown", "amount:negative"]


@pytest.mark.requirement("WHK-10")
@pytest.mark.parametrize(
    ("handler", "variable"),
    [("webhook_validator", "DYNAMODB_TABLE"), ("webhook_validator", "ROUTER_LAMBDA_NAME"),
     ("webhook_validator", "SIGNING_SECRET_ARN"), ("webhook_validator", "SIGNATURE_REQUIRED"),
     ("event_router", "PAYMENTS_QUEUE_URL"), ("event_router", "REFUNDS_QUEUE_URL"),
     ("event_router", "DISPUTES_QUEUE_URL")],
)  # fmt: skip
def test_a_missing_setting_ends_the_cold_start_by_its_name(
    monkeypatch: pytest.MonkeyPatch, handler: str, variable: str
) -> None:
    monkeypatch.delenv(variable)

    with pytest.raises(SettingError, match=variable):
        load(handler)


class MemoryQueue:
    def __init__(self, fate: Fate = Fate.FINE) -> None:
        self.bodies: list[str] = []
        self._fate = fate

    def send(self, body: str, attributes: Mapping[str, str]) -> None:
        self._fate.befall(lambda: self.bodies.append(body))


def route(monkeypatch: pytest.MonkeyPatch, event: dict[str, Any], queue: MemoryQueue) -> None:
    context = SimpleNamespace(
        aws_request_id="r", function_name="f", invoked_function_arn="arn", memory_limit_in_mb=256, tenant_id=None
    )
    with redirect_stdout(StringIO()):
        router = load("event_router")
        monkeypatch.setattr(router, "queues", dict.fromkeys(TransactionType, queue))
        router.handler(event, context)


HAND_OVER = {
    "event_id": "evt-1",
    "transaction_type": "dispute",
    "timestamp": "2026-03-01T10:00:00Z",
    "correlation_id": "request-1",
    "payload": "{}",
}


@pytest.mark.requirement("WHK-11")
def test_the_router_sends_what_it_is_handed(monkeypatch: pytest.MonkeyPatch) -> None:
    queue = MemoryQueue()
    route(monkeypatch, HAND_OVER, queue)

    assert queue.bodies == ["{}"]


@pytest.mark.requirement("WHK-11", "WHK-12")
@pytest.mark.parametrize(
    ("event", "fate", "error"),
    [
        (HAND_OVER, Fate.FAILS_BEFORE, TransientError),
        (HAND_OVER | {"transaction_type": "parcel"}, Fate.FINE, UnroutableEvent),
        ({"event_id": "evt-1"}, Fate.FINE, UnroutableEvent),
    ],
)
def test_the_router_swallows_no_error(
    monkeypatch: pytest.MonkeyPatch, event: dict[str, Any], fate: Fate, error: type[Exception]
) -> None:
    with pytest.raises(error):
        route(monkeypatch, event, MemoryQueue(fate))


@cache
def models() -> dict[str, Any]:
    schemas: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text())["components"]["schemas"]
    return schemas


def test_the_description_has_no_keyword_that_api_gateway_does_not_take() -> None:
    assert "additionalProperties" not in json.dumps(models())
    for model in models().values():
        jsonschema.Draft4Validator.check_schema(model)


# Of what the function takes, and little else: a body that it refuses tells nothing here.
event_ids = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=256)
timestamps = st.builds(
    lambda moment, separator, zone: f"{moment.isoformat(separator)}{zone}",
    st.datetimes(min_value=datetime(2, 1, 1)),
    st.sampled_from("T "),
    st.sampled_from(["Z", "", "+01:00", "-0530"]),
)


@pytest.mark.requirement("WHK-01", "WHK-02")
@given(event_id=event_ids, amount=st.integers(0) | st.floats(0, allow_infinity=False), timestamp=timestamps)
def test_the_api_refuses_nothing_that_the_function_takes(event_id: str, amount: float, timestamp: str) -> None:
    body = payload(event_id=event_id, amount=amount, timestamp=timestamp)
    try:
        read_event(body.encode())
    except Rejected:
        reject()

    jsonschema.Draft4Validator(models()["WebhookEvent"]).validate(json.loads(body))


digits = st.text("0123456789", min_size=2, max_size=2)
# Of the right form, and of any day, time and offset, most of which do not exist.
nearly_timestamps = st.builds(
    lambda year, month, day, separator, hour, minute, second, fraction, zone: (
        f"{year}-{month}-{day}{separator}{hour}:{minute}:{second}{fraction}{zone}"
    ),
    st.builds("{}{}".format, digits, digits)
    | st.sampled_from(["0000", "0001", "1900", "2000", "2024", "2100", "9999"]),
    digits | st.sampled_from(["02", "04", "12", "13"]),
    digits | st.sampled_from(["28", "29", "30", "31", "32"]),
    st.sampled_from("T "),
    digits | st.sampled_from(["23", "24"]),
    digits | st.sampled_from(["59", "60"]),
    digits | st.sampled_from(["59", "60"]),
    st.sampled_from(["", ".0", ".123456789", ".1234567890", "."]),
    st.sampled_from(["", "Z"])
    | st.builds("{}{}{}{}".format, st.sampled_from("+-"), digits, st.sampled_from([":", ""]), digits),
)


@pytest.mark.requirement("WHK-02")
@settings(max_examples=1_000)
@given(timestamp=nearly_timestamps | timestamps | st.text(max_size=40))
def test_the_description_and_the_function_agree_on_every_timestamp(timestamp: str) -> None:
    assert is_described("timestamp", timestamp) == is_taken(timestamp=timestamp)


@pytest.mark.requirement("WHK-02")
@given(timestamp=st.from_regex(models()["WebhookEvent"]["properties"]["timestamp"]["pattern"], fullmatch=True))
def test_the_function_takes_every_timestamp_of_the_description(timestamp: str) -> None:
    assert is_taken(timestamp=timestamp)


@pytest.mark.requirement("WHK-02")
@given(event_id=st.text() | event_ids | st.text(min_size=250, max_size=260))
def test_the_description_and_the_function_agree_on_every_event_id_without_personal_data(event_id: str) -> None:
    if mask_personal_data(event_id) == event_id:
        assert is_described("event_id", event_id) == is_taken(event_id=event_id)


@pytest.mark.requirement("WHK-02", "WHK-06")
@given(amount=st.integers() | st.integers(10**307, 10**310) | st.floats() | st.booleans() | st.none() | st.text())
def test_the_description_and_the_function_agree_on_every_amount(amount: object) -> None:
    assert is_described("amount", amount) == is_taken(amount=amount)


def is_described(field: str, value: object) -> bool:
    """Whether the description takes a value of a field, read as JSON is: without NaN, and a number as a double."""
    if isinstance(value, float) and not math.isfinite(value):
        return False
    schema = dict(models()["WebhookEvent"]["properties"][field])
    if "pattern" in schema:
        # In a schema, `$` is the end of the text; in Python, the end of the line too.
        schema["pattern"] = schema["pattern"].removesuffix("$") + r"\Z"
    return jsonschema.Draft4Validator(schema).is_valid(value)


def is_taken(**field: object) -> bool:
    try:
        read_event(payload(**field).encode())
    except Rejected:
        return False
    return True


@pytest.mark.requirement("WHK-07")
def test_the_description_says_how_a_request_is_signed() -> None:
    document = yaml.safe_load(DOCUMENT.read_text())
    schemes = document["components"]["securitySchemes"]
    assert {(scheme["type"], scheme["in"], scheme["name"].lower()) for scheme in schemes.values()} == {
        ("apiKey", "header", TIMESTAMP_HEADER),
        ("apiKey", "header", SIGNATURE_HEADER),
    }
    operation = document["paths"]["/webhook"]["post"]
    assert [set(requirement) for requirement in operation["security"]] == [set(schemes)]
    assert str(TOLERANCE_S) in schemes["timestamp"]["description"]
    limits = (MAXIMUM_BODY_BYTES, MAXIMUM_ENCODED_BYTES, MAXIMUM_DEPTH)
    assert [limit for limit in limits if str(limit) not in operation["description"]] == []


def test_every_answer_that_asks_to_come_again_says_when() -> None:
    answers = yaml.safe_load(DOCUMENT.read_text())["paths"]["/webhook"]["post"]["responses"]
    assert {status for status, answer in answers.items() if "Retry-After" in answer.get("headers", {})} == {
        status for status in answers if status == "429" or status >= "500"
    }
