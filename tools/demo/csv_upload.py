"""CSV through the API: good, dirty, below the share of valid rows, twice, in conflict, by a form, and refused."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from functions.csv_upload.logic.api import MAXIMUM_BODY_BYTES
from functions.csv_upload.logic.status import State
from tools.demo.account import Latency, Outcome
from tools.demo.progress import say
from tools.demo.uploads import Expected, File, Uploads
from tools.operations.csv_upload import CsvUpload
from tools.operations.rest_api import Answer
from tools.waiting import GIVE_UP_AFTER_S, until

ALONE: Final = 5
ROWS_ALONE: Final = 10
ROWS: Final = 1_000
LARGE: Final = 5_000
# So much text in each row makes the large file one that only a form takes.
TEXT_OF_LARGE: Final = "a row of a large file, " * 40

# How the outcomes of all systems name what becomes of rows.
NAMES: Final = {
    "stored": Outcome.PROCESSED,
    "present": Outcome.DUPLICATE,
    "conflicts": Outcome.CONFLICT,
    "rejected": Outcome.REJECTED,
}


@dataclass(frozen=True)
class Sent:
    """An upload that was taken, with what has to become of it; or a request, whose status has to be another."""

    file: File
    answer: Answer
    refusal: int | None = None

    @property
    def upload_id(self) -> str:
        return str(self.answer.body["upload_id"])

    @property
    def is_taken(self) -> bool:
        return self.refusal is None and self.answer.status in (200, 202)


@dataclass
class Back:
    """The back of the system: status documents, stored rows and rejected rows by upload."""

    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    stored: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)

    def confirmed(self, sent: Sent) -> dict[str, int]:
        """How many rows became what they had to become. A refused request has no rows that anyone knows."""
        expected = sent.file.expected
        if not sent.is_taken:
            refused = sent.answer.status == sent.refusal and isinstance(sent.answer.body, dict)
            return {"rejected": expected.rows if refused and sent.answer.body.get("error") else 0}
        status = self.statuses.get(sent.upload_id, {})
        if status.get("state") != expected.state:
            return {}
        return {
            name: min(number, self._found(sent.upload_id, status)[name])
            for name, number in asdict(expected).items()
            if name in NAMES
        }

    def _found(self, upload_id: str, status: dict[str, Any]) -> dict[str, int]:
        """Of a file that failed no row is stored, so that all are rejected."""
        stored, rejected = self.stored[upload_id], self.rejected[upload_id]
        if status["state"] == State.FAILED and rejected == status["invalid"] and not stored:
            rejected = status["rows"]
        return {
            "stored": stored,
            "present": status.get("present", 0),
            "conflicts": status.get("conflicts", 0),
            "rejected": rejected,
        }

    def unaccounted(self, sent: Sent) -> int:
        return sent.file.expected.rows - sum(self.confirmed(sent).values())


class CsvUploadDemonstration:
    """Uploads files, follows each to its end by its status URL, and finds out what became of each row."""

    def __init__(self, system: CsvUpload) -> None:
        now = datetime.now(UTC)
        self._system = system
        self._make = Uploads(f"{int(now.timestamp()):x}", now)
        self._key = ""
        self._sent: list[Sent] = []
        self._statuses: dict[str, dict[str, Any]] = {}

    def run(self) -> dict[str, Any]:
        """Send everything. Returns {"sent": n, "processed": n, ..., "latency_ms": {...}, "large_file": {...}}."""
        say("making an API key")
        self._key = self._system.api_keys.rotate()
        say("warming up: one file")
        self._post_and_follow(self._make.good("warm-up", ROWS_ALONE))
        say(f"{ALONE} files of {ROWS_ALONE} rows one by one")
        alone = [self._post_and_follow(self._make.good(f"alone {n}", ROWS_ALONE)) * 1000 for n in range(ALONE)]
        say(f"{ROWS} rows; a dirty file; one with too few valid rows; the same rows again, and with other amounts")
        good = self._make.good("good", ROWS)
        first, second = self._make.conflicting(50)
        self._follow([self._post(file) for file in (good, first, self._make.dirty(), self._make.below_the_share())])
        self._follow([self._post(file) for file in (self._make.again(good), second)])
        say("what is refused: too large, not CSV, without a key, without a column, without a row")
        self._refused()
        say(f"{LARGE:,} rows by a form, as the file is too large for a request")
        took = self._send_by_form(self._make.good("large", LARGE, TEXT_OF_LARGE))
        say(f"  they took {took:.0f} s: {LARGE / took:,.0f} rows a second")
        back = self._look()
        confirmed = Counter[str]()
        for one in self._sent:
            confirmed.update(back.confirmed(one))
        sent = sum(one.file.expected.rows for one in self._sent)
        outcomes = dict.fromkeys(Outcome, 0) | {outcome: confirmed[name] for name, outcome in NAMES.items()}
        outcomes[Outcome.UNACCOUNTED] = sent - confirmed.total()
        return {
            "sent": sent,
            **{outcome.value: number for outcome, number in outcomes.items()},
            "latency_ms": Latency(alone, []).report(),
            "large_file": {"rows": LARGE, "seconds": round(took, 1)},
        }

    def unaccounted(self) -> list[str]:
        """The files with rows that did not become what they had to become, a line each."""
        back = self._look()
        return [
            f"{missing} rows of {one.file.name}, answered {one.answer.status}: expected {one.file.expected}, confirmed "
            f"{back.confirmed(one)}"
            for one in self._sent
            if (missing := back.unaccounted(one))
        ]

    def _refused(self) -> None:
        rows = self._make.good("refused", 2)
        large = File("too large", rows.content.ljust(MAXIMUM_BODY_BYTES + 1, b"\n"), Expected(rejected=2))
        rejected = Expected(rejected=2)
        self._post(large, refusal=413)
        self._post(File("not CSV", rows.content, rejected), refusal=415, content_type="application/octet-stream")
        self._post(File("without a key", rows.content, rejected), refusal=403, key=None)
        self._post(
            File("without a column", rows.content.replace(b"amount", b"sum", 1), rejected), refusal=400, key=self._key
        )
        self._post(File("without a row", rows.content.partition(b"\n")[0], Expected()), refusal=400)

    def _post(self, file: File, *, refusal: int | None = None, **more: Any) -> Sent:
        arguments = {"key": self._key} | more
        sent = Sent(file, self._system.post(file.content, **arguments), refusal)
        self._sent.append(sent)
        return sent

    def _post_and_follow(self, file: File) -> float:
        """Seconds from sending a file until its status has an end."""
        began = time.monotonic()
        self._follow([self._post(file)])
        return time.monotonic() - began

    def _send_by_form(self, file: File) -> float:
        began = time.monotonic()
        sent = Sent(file, self._system.announce(self._key))
        self._sent.append(sent)
        if sent.is_taken:
            self._system.api.post_form(sent.answer.body["url"], sent.answer.body["fields"], "large.csv", file.content)
            self._follow([sent])
        return time.monotonic() - began

    def _follow(self, uploads: Iterable[Sent]) -> None:
        """Ask the status URL of each upload until it has an end."""
        for sent in uploads:
            if sent.is_taken:
                until(lambda sent=sent: self._has_ended(sent), GIVE_UP_AFTER_S)  # type: ignore[misc]

    def _has_ended(self, sent: Sent) -> bool:
        answer = self._system.follow(sent.answer.body["status_url"], self._key)
        if answer.status != 200:
            return False
        self._statuses[sent.upload_id] = answer.body
        return answer.body["state"] in (State.COMPLETED, State.FAILED)

    def _look(self) -> Back:
        back = Back(self._statuses)
        back.stored.update(item["origin"].partition("#")[0] for item in self._system.rows())
        for upload_id in self._statuses:
            back.rejected[upload_id] = len(self._system.rejected(upload_id))
        return back
