"""Who sent a webhook: HMAC-SHA256 over the time of signing and the body (WHK-07, docs/architecture.md "Signature")."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec

from functions.webhooks.logic.requests import Rejected, Request

TIMESTAMP_HEADER = "x-webhook-timestamp"
SIGNATURE_HEADER = "x-webhook-signature"
TOLERANCE_S = 300

MAXIMUM_SECRET_AGE_S = 300
MINIMUM_REFRESH_INTERVAL_S = 30

_SCHEME = "v1="
_UNIX_SECONDS = re.compile("[0-9]{1,12}", re.ASCII)
_SHA256_HEX = re.compile("[0-9a-f]{64}", re.ASCII)

# RFC 2104, section 3: a key shorter than the hash (32 bytes) weakens the code.
Secret = Annotated[str, msgspec.Meta(min_length=32)]


class UnusableSecretError(Exception):
    """The signing secret has no value yet, or one in another form. The message says what to do."""


class SigningSecrets(msgspec.Struct, frozen=True):
    """The secret's value: `{"current": "...", "previous": "..." | null}`. Both verify, so that senders can change."""

    current: Secret
    previous: Secret | None = None

    def as_keys(self) -> list[bytes]:
        return [secret.encode() for secret in (self.current, self.previous) if secret is not None]


def sign(body: bytes, timestamp: str, key: bytes) -> str:
    """The hexadecimal signature over `<timestamp>.<body>`."""
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class SecretCache:
    """Secrets with a maximum age, so that a rotation reaches a warm function.

    `clock` returns seconds. It must go on while the function is frozen between two requests; a monotonic one may stop.
    """

    def __init__(self, fetch: Callable[[], SigningSecrets], clock: Callable[[], float] = time.time) -> None:
        self._fetch = fetch
        self._clock = clock
        self._secrets: SigningSecrets | None = None
        self._fetched_at = 0.0
        self._tried_at = 0.0

    def get(self) -> SigningSecrets:
        """Raises what `fetch` raises. Secrets that cannot be fetched again are not used beyond their age."""
        if self._secrets is None or self._clock() - self._fetched_at >= MAXIMUM_SECRET_AGE_S:
            return self._fetch_now()
        return self._secrets

    def newer(self) -> SigningSecrets | None:
        """The secrets, fetched again, or None when that was tried a moment ago. So a flood of forged requests does not
        become as many calls of Secrets Manager.
        """
        if self._clock() - self._tried_at < MINIMUM_REFRESH_INTERVAL_S:
            return None
        return self._fetch_now()

    def _fetch_now(self) -> SigningSecrets:
        self._tried_at = self._clock()
        self._secrets = self._fetch()
        self._fetched_at = self._tried_at
        return self._secrets


class SignatureCheck:
    def __init__(self, secrets: SecretCache, clock: Callable[[], float] = time.time) -> None:
        self._secrets = secrets
        self._clock = clock

    def verify(self, request: Request) -> None:
        """Raises Rejected with 401, the same for every reason, unless a signature of the request was made with one of
        our secrets, at most TOLERANCE_S ago or ahead. Raises what fetching the secrets raises.
        """
        timestamp = request.headers.get(TIMESTAMP_HEADER, "")
        signatures = _signatures(request.headers.get(SIGNATURE_HEADER, ""))
        if not signatures:
            raise _refused("no_signature")
        if not _UNIX_SECONDS.fullmatch(timestamp):
            raise _refused("no_timestamp")
        if abs(self._clock() - int(timestamp)) > TOLERANCE_S:
            raise _refused("outside_tolerance")
        if _matches(signatures, timestamp, request.body, self._secrets.get()):
            return
        # Perhaps made with a secret that is newer than the ones that were fetched.
        newer = self._secrets.newer()
        if newer is None or not _matches(signatures, timestamp, request.body, newer):
            raise _refused("no_match")


def _signatures(header: str) -> list[str]:
    parts = (part.strip() for part in header.split(","))
    digests = (part.removeprefix(_SCHEME).lower() for part in parts if part.startswith(_SCHEME))
    return [digest for digest in digests if _SHA256_HEX.fullmatch(digest)]


def _matches(signatures: Sequence[str], timestamp: str, body: bytes, secrets: SigningSecrets) -> bool:
    # Every pair is compared, so the time that this takes does not show which one matched.
    expected = [sign(body, timestamp, key) for key in secrets.as_keys()]
    return True in [hmac.compare_digest(signature, digest) for signature in signatures for digest in expected]


def _refused(reason: str) -> Rejected:
    return Rejected(401, "Invalid signature", (f"signature:{reason}",))
