"""Generated payment notifications, in the formats that the providers document.

A run's id is part of every event's id, so runs do not meet each other's events. Everything else follows from the seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

Json = dict[str, Any]


@dataclass(frozen=True)
class Notification:
    """What a provider would send: the text, and the platform's ids of the events in it (none where it has none)."""

    provider: str
    text: str
    event_ids: tuple[str, ...]


class Notifications:
    """Makes notifications. `run` is a short id ("3f9a"), `now` the time that they say they happened just before."""

    def __init__(self, run: str, now: datetime, seed: int = 1) -> None:
        self._run = run
        self._now = now
        self._random = random.Random(seed)  # noqa: S311 -- test data, not a secret
        self._count = 0
        self._valid: Final[tuple[Callable[[], Notification], ...]] = (
            self.stripe,
            self.adyen,
            self.paypal,
            self.canonical,
        )

    def valid(self, number: int) -> Iterator[Notification]:
        """Valid notifications, the providers in turn."""
        for index in range(number):
            yield self._valid[index % len(self._valid)]()

    def stripe(self) -> Notification:
        """https://docs.stripe.com/api/events/object: amounts in minor units, lower-case currency, epoch seconds."""
        number = self._next()
        kind, status = self._random.choice(
            [
                ("charge.succeeded", "succeeded"),
                ("payment_intent.succeeded", "succeeded"),
                ("payment_intent.amount_capturable_updated", "requires_capture"),
                ("payment_intent.payment_failed", "requires_payment_method"),
            ]
        )
        amount = self._random.randrange(100, 900_000)
        subject: Json = {
            "amount": amount,
            "currency": self._random.choice(["eur", "usd", "jpy"]),
            "customer": f"cus_{self._random.randrange(50):04d}",
            "status": status,
        }
        if kind == "charge.succeeded":
            subject |= {
                "id": f"ch_{self._run}{number:06d}",
                "object": "charge",
                "amount_captured": amount,
                "amount_refunded": 0,
                "captured": True,
                "paid": True,
                "payment_intent": f"pi_{self._run}{number:06d}",
                "payment_method_details": {"type": "card"},
            }
        else:
            subject |= {
                "id": f"pi_{self._run}{number:06d}",
                "object": "payment_intent",
                "amount_capturable": amount if status == "requires_capture" else 0,
                "amount_received": amount if status == "succeeded" else 0,
                "payment_method_types": ["card"],
            }
        event = {
            "id": f"evt_{self._run}{number:06d}",
            "object": "event",
            "api_version": "2024-06-20",
            "created": int(self._moment().timestamp()),
            "type": kind,
            "livemode": False,
            "pending_webhooks": 1,
            "request": {"id": f"req_{self._run}{number}", "idempotency_key": None},
            "data": {"object": subject},
        }
        return self._notification("stripe", event, f"stripe:{event['id']}")

    def adyen(self, items: int = 1) -> Notification:
        """https://docs.adyen.com/development-resources/webhooks/webhook-types: a request of one or more items."""
        return self._adyen([self._adyen_item() for _ in range(items)])

    def adyen_with_a_bad_item(self) -> Notification:
        """A request of two items, the second without a currency that exists."""
        bad = self._adyen_item()
        bad["amount"]["currency"] = "XQX"
        return self._adyen([self._adyen_item(), bad])

    def paypal(self) -> Notification:
        """https://developer.paypal.com/api/rest/webhooks/event-names/: decimal strings in major units, version 2.0."""
        number = self._next()
        kind, status = self._random.choice(
            [("PAYMENT.CAPTURE.COMPLETED", "COMPLETED"), ("PAYMENT.CAPTURE.PENDING", "PENDING")]
        )
        currency = self._random.choice(["EUR", "USD", "JPY"])
        minor = self._random.randrange(100, 90_000)
        event = {
            "id": f"WH-{self._run.upper()}{number:06d}",
            "event_version": "1.0",
            "create_time": self._moment().strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "resource_type": "capture",
            "resource_version": "2.0",
            "event_type": kind,
            "summary": "A payment",
            "resource": {
                "id": f"{self._run.upper()}CAPTURE{number:06d}",
                "amount": {
                    "currency_code": currency,
                    "value": str(minor) if currency == "JPY" else f"{minor // 100}.{minor % 100:02d}",
                },
                "status": status,
                "create_time": self._moment().strftime("%Y-%m-%dT%H:%M:%SZ"),
                "update_time": self._moment().strftime("%Y-%m-%dT%H:%M:%SZ"),
            },
        }
        return self._notification("paypal", event, f"paypal:{event['id']}")

    def canonical(self) -> Notification:
        """The platform's own format: functions/payment_events/canonical.schema.json."""
        event = self._canonical()
        return self._notification("canonical", event, f"canonical:{event['event_id']}")

    def invalid(self) -> Iterator[Notification]:
        """One notification for each thing that the validator must refuse, each with an identity."""
        changes: list[Json] = [
            {"currency": "ZZZ"},
            {"amount_minor": -5},
            {"amount_minor": 12.5},
            {"occurred_at": (self._now + timedelta(days=2)).isoformat()},
            {"occurred_at": (self._now - timedelta(days=4000)).isoformat()},
            {"type": "teleported"},
        ]
        for change in changes:
            event = self._canonical() | change
            yield self._notification("canonical", event, f"canonical:{event['event_id']}")
        event = self._canonical()
        del event["currency"]
        yield self._notification("canonical", event, f"canonical:{event['event_id']}")

    def unidentifiable(self) -> Iterator[Notification]:
        """Texts that are no event of a known provider."""
        yield Notification("unknown", "this is no JSON", ())
        yield Notification("unknown", json.dumps({"hello": self._run}), ())
        yield Notification("unknown", json.dumps([1, 2, 3]), ())

    def too_large(self, size: int = 262_144) -> Notification:
        """A canonical event of the size of SNS's limit, 256 KiB."""
        event = self._canonical()
        event["description"] = ""
        event["description"] = "x" * (size - len(json.dumps(event)))
        return self._notification("canonical", event, f"canonical:{event['event_id']}")

    def _canonical(self) -> Json:
        number = self._next()
        return {
            "schema": "payment-event/1",
            "event_id": f"{self._run}-{number:06d}",
            "type": self._random.choice(["authorised", "captured", "refunded"]),
            "amount_minor": self._random.randrange(1, 1_000_000),
            "currency": self._random.choice(["EUR", "USD", "GBP", "JPY", "KWD"]),
            "occurred_at": self._moment().isoformat(),
            "customer_reference": f"customer-{self._random.randrange(50):04d}",
            "payment_method": "card",
        }

    def _adyen_item(self) -> Json:
        number = self._next()
        return {
            "additionalData": {},
            "amount": {
                "currency": self._random.choice(["EUR", "GBP"]),
                "value": self._random.randrange(100, 500_000),
            },
            "eventCode": self._random.choice(["AUTHORISATION", "CAPTURE"]),
            "eventDate": self._moment().strftime("%Y-%m-%dT%H:%M:%S+00:00"),
            "merchantAccountCode": "DemoMerchant",
            "merchantReference": f"order-{self._run}-{number}",
            "originalReference": f"{self._run.upper()}ORIGINAL{number:04d}",
            "paymentMethod": "visa",
            "pspReference": f"{self._run.upper()}{number:012d}",
            "reason": "",
            "success": "true",
        }

    def _adyen(self, items: list[Json]) -> Notification:
        body = {"live": "false", "notificationItems": [{"NotificationRequestItem": item} for item in items]}
        ids = [f"adyen:{item['eventCode']}:{item['pspReference']}:{item['success']}" for item in items]
        return self._notification("adyen", body, *ids)

    def _notification(self, provider: str, body: Json, *event_ids: str) -> Notification:
        return Notification(provider, json.dumps(body), event_ids)

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _moment(self) -> datetime:
        return self._now.astimezone(UTC) - timedelta(seconds=self._random.randrange(1, 3600))
