"""Who sent it (WHK-07)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

import pytest

from functions.common.errors import TransientError
from functions.webhooks.logic.requests import Rejected, Request
from functions.webhooks.logic.signatures import SecretCache, SignatureCheck, SigningSecrets

CURRENT = "current-" + "c" * 32
PREVIOUS = "previous-" + "p" * 32
NEXT = "next-" + "n" * 32
BODY = '{"event_id": "é"}'.encode()


def signature(key: str, timestamp: str, body: bytes = BODY) -> str:
    """Written out here once more, as a sender would."""
    return "v1=" + hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


@dataclass
class Receiver:
    secrets: SigningSecrets | Exception = field(default_factory=lambda: SigningSecrets(CURRENT, PREVIOUS))
    now_s: float = 1_772_359_200.0
    fetches: int = 0

    def __post_init__(self) -> None:
        self.check = SignatureCheck(SecretCache(self._fetch, lambda: self.now_s), lambda: self.now_s)

    def _fetch(self) -> SigningSecrets:
        self.fetches += 1
        if isinstance(self.secrets, Exception):
            raise self.secrets
        return self.secrets

    def accepts(self, key: str = CURRENT, *, age_s: int = 0) -> bool:
        timestamp = str(int(self.now_s) - age_s)
        return self.takes(timestamp, signature(key, timestamp))

    def takes(self, timestamp: str | None, signatures: str | None, body: bytes = BODY) -> bool:
        headers = {"x-webhook-timestamp": timestamp, "x-webhook-signature": signatures}
        request = Request("id", {name: value for name, value in headers.items() if value is not None}, body)
        try:
            self.check.verify(request)
        except Rejected as refused:
            told = (refused.status, refused.error)
        else:
            return True
        assert told == (401, "Invalid signature"), "the answer has to be the same for every reason"
        return False


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("key", [CURRENT, PREVIOUS])
def test_a_signature_of_either_active_secret_is_accepted(receiver: Receiver, key: str) -> None:
    assert receiver.accepts(key)


def test_without_a_previous_secret_only_the_current_one_is_accepted() -> None:
    receiver = Receiver(SigningSecrets(CURRENT))

    assert receiver.accepts(CURRENT)
    assert not receiver.accepts(PREVIOUS)


@pytest.mark.requirement("WHK-07")
def test_one_valid_signature_among_several_is_enough(receiver: Receiver) -> None:
    now = str(int(receiver.now_s))
    valid, foreign = signature(CURRENT, now), signature(NEXT, now)

    assert receiver.takes(now, f"{foreign},{valid}")
    assert receiver.takes(now, f"v0=abc , {valid.upper().replace('V1=', 'v1=')}")
    assert not receiver.takes(now, f"{foreign},{foreign}")


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize(("age_s", "accepted"), [(300, True), (301, False), (-300, True), (-301, False)])
def test_a_signature_counts_for_five_minutes_both_ways(receiver: Receiver, age_s: int, accepted: bool) -> None:
    assert receiver.accepts(age_s=age_s) is accepted


@pytest.mark.requirement("WHK-07")
def test_what_was_not_signed_with_one_of_the_secrets_is_refused(receiver: Receiver) -> None:
    now = str(int(receiver.now_s))
    valid = signature(CURRENT, now)

    assert not receiver.takes(now, valid, BODY + b" ")
    assert not receiver.takes(str(int(now) - 1), valid)
    assert not receiver.takes(now, signature(NEXT, now))


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("timestamp", [None, "", "x", "1772359200.5", "-1", "1" * 5_000, "\u0661" * 10])
def test_a_timestamp_that_is_no_unix_second_is_refused(receiver: Receiver, timestamp: str | None) -> None:
    assert not receiver.takes(timestamp, signature(CURRENT, timestamp or ""))


@pytest.mark.requirement("WHK-07")
@pytest.mark.parametrize("signatures", [None, "", "v1=", "v1=é", "v2=" + "0" * 64, ",,,", "v1=" + "0" * 63])
def test_a_header_without_a_signature_is_refused(receiver: Receiver, signatures: str | None) -> None:
    assert not receiver.takes(str(int(receiver.now_s)), signatures)
    assert receiver.fetches == 0


@pytest.mark.requirement("WHK-07")
def test_secrets_are_fetched_once_in_five_minutes(receiver: Receiver) -> None:
    assert receiver.accepts()
    receiver.now_s += 299
    assert receiver.accepts()
    assert receiver.fetches == 1

    receiver.now_s += 1
    assert receiver.accepts()
    assert receiver.fetches == 2


@pytest.mark.requirement("WHK-07")
def test_a_secret_that_was_rotated_in_is_accepted_before_the_cache_is_old(receiver: Receiver) -> None:
    assert receiver.accepts(CURRENT)
    receiver.secrets = SigningSecrets(NEXT, CURRENT)
    receiver.now_s += 30

    assert receiver.accepts(NEXT)
    assert receiver.accepts(CURRENT)
    assert not receiver.accepts(PREVIOUS)


@pytest.mark.requirement("WHK-07")
def test_forged_requests_do_not_each_fetch_the_secrets(receiver: Receiver) -> None:
    for _ in range(100):
        assert not receiver.accepts(NEXT)
        receiver.now_s += 1

    assert receiver.fetches == 4  # the first, and one each 30 s


@pytest.mark.requirement("WHK-07")
def test_secrets_past_their_age_are_not_used_when_new_ones_cannot_be_had(receiver: Receiver) -> None:
    assert receiver.accepts()
    receiver.secrets = TransientError("throttled")
    receiver.now_s += 200
    assert receiver.accepts()
    with pytest.raises(TransientError):
        receiver.accepts(NEXT)
    assert receiver.accepts()

    receiver.now_s += 100
    with pytest.raises(TransientError):
        receiver.accepts()
