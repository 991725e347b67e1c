"""All that is known about one event, in order of time, and a verdict.

It looks in the system's table, its dead-letter queues and its log groups. There are ids of two kinds: an event has
deliveries (a message of SNS, a request of the API), and a delivery has events. From either, the other is found. Nothing
else is followed: not the other events of a delivery of the event.
"""

from __future__ import annotations

import textwrap
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final, Generic

from tools.deploy.target import Target
from tools.livetree import layout
from tools.operations import logs
from tools.operations.dead_letters import Letter
from tools.operations.logs import Line, Window

WIDTH: Final = 98
DEFAULT_SINCE: Final = timedelta(days=1)

# The fields of a function's log entry that are shown beside its message: ids, counts and codes; nothing else is logged.
SHOWN_FIELDS: Final = (
    "outcome", "status", "codes", "transaction_type", "accepted", "duplicates", "rejected", "fault_codes", "event_ids",
    "forwarded", "too_large", "problem", "exception_name", "errorType", "classification", "line", "stored", "present",
    "conflicts",
)  # fmt: skip
# What Lambda writes when an invocation did not finish. Its other entries say nothing about an event.
LAMBDA_ENDED: Final = ("Task timed out", "Status: timeout", "Status: error", "Runtime exited", "Runtime.ExitError")


@dataclass(frozen=True)
class Entry:
    at: datetime
    where: str
    what: str


@dataclass(frozen=True)
class Subject:
    """What is traced: the ids of events, of deliveries, and of executions that a delivery started."""

    events: frozenset[str] = frozenset()
    deliveries: frozenset[str] = frozenset()
    executions: frozenset[str] = frozenset()

    @property
    def ids(self) -> frozenset[str]:
        return self.events | self.deliveries | self.executions

    def __or__(self, other: Subject) -> Subject:
        return Subject(
            self.events | other.events, self.deliveries | other.deliveries, self.executions | other.executions
        )

    def __bool__(self) -> bool:
        return bool(self.ids)


@dataclass
class Found(Generic[Letter]):
    """What was found in each place. `letters` have the name of their queue, as `redrive --queue` takes it."""

    subject: Subject
    letters: list[tuple[str, Letter]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """What became of an event, as a sentence, and the next command, if there is one."""

    what: str
    command: str | None = None


@dataclass(frozen=True)
class Trace:
    """`verdicts` has one for each event (or delivery), and none if nothing is known."""

    title: str
    entries: Sequence[Entry]
    verdicts: Sequence[Verdict]
    notes: Sequence[str]

    def __str__(self) -> str:
        return "\n".join([self.title, "", *self._table(), "", *self._sentences()])

    def _table(self) -> Iterable[str]:
        width = min(30, max((len(entry.where) for entry in self.entries), default=0))
        day = ""
        for entry in sorted(self.entries, key=lambda entry: entry.at):
            if f"{entry.at:%Y-%m-%d}" != day:
                day = f"{entry.at:%Y-%m-%d}"
                yield f"{day} (UTC)"
            indent = " " * (14 + width + 2)
            first, *others = textwrap.wrap(_printable(entry.what), WIDTH - len(indent), break_on_hyphens=False) or [""]
            yield f"{entry.at:%H:%M:%S}.{entry.at.microsecond // 1000:03}  {entry.where:<{width}}  {first}".rstrip()
            yield from (indent + line for line in others)

    def _sentences(self) -> Iterable[str]:
        for note in self.notes:
            yield from _wrapped("note", note)
        for verdict in self.verdicts or [Verdict("nothing is known about it")]:
            yield from _wrapped("verdict", verdict.what)
            if verdict.command:
                yield f"next: {verdict.command}"  # in one line, to be copied


def _wrapped(name: str, sentence: str) -> list[str]:
    indent = " " * (len(name) + 2)
    return textwrap.wrap(f"{name}: {_printable(sentence)}", WIDTH, subsequent_indent=indent, break_on_hyphens=False)


class Traceable(ABC, Generic[Letter]):
    """What the trace needs from a system."""

    name: ClassVar[str]
    # What was done to the queues, for the notes of a trace.
    looked_at: ClassVar[str] = (
        "the letters of all dead-letter queues were looked at; for that time no other reader saw them"
    )
    target: Target
    region: str

    @abstractmethod
    def client(self, service: str) -> Any:
        """A boto3 client that acts where the system runs."""

    @property
    @abstractmethod
    def log_groups(self) -> Mapping[str, str]:
        """Every log group that may have something about an event: {its name in a trace: log group}."""

    @abstractmethod
    def letters_by_queue(self) -> list[tuple[str, Letter]]:
        """Every dead letter, with the name of its queue."""

    @abstractmethod
    def find(self, identifier: str) -> Subject:
        """What the table has for an id of either kind; an empty subject if it has nothing."""

    @abstractmethod
    def recorded(self, subject: Subject) -> list[Entry]:
        """What the table has about a subject."""

    @abstractmethod
    def carried(self, letter: Letter) -> Subject:
        """What a dead letter is about; an empty subject if it does not say."""

    @abstractmethod
    def told(self, line: Line) -> Subject:
        """What an entry of a log is about; an empty subject if it does not say."""

    @abstractmethod
    def describe(self, line: Line) -> Entry | None:
        """An entry of a log that is not a function's, for a person; None if it says nothing about an event."""

    @abstractmethod
    def verdicts(self, found: Found[Letter]) -> list[Verdict]:
        """What became of each event: where it is, and what to do next."""

    def command(self, words: str) -> str:
        """A command line for this environment, as `tools/pipelines system redrive payment-events --env dev`."""
        regions = layout.regions(self.target.environment, self.name)
        region = f" --region {self.region}" if len(regions) > 1 else ""
        on = "" if self.target.emulator else " --target aws"
        return f"tools/pipelines {words} --env {self.target.environment}{region}{on}"


def trace(system: Traceable[Letter], identifier: str, since: timedelta | None, now: datetime | None = None) -> Trace:
    """Look in every place. Without `since`, logs are read around the times in table and letters, or for a day."""
    now = now or datetime.now(UTC)
    letters = [(queue, letter, system.carried(letter)) for queue, letter in system.letters_by_queue()]
    subject = system.find(identifier)
    for _, _, carried in letters:
        subject |= _the_other(identifier, subject, carried)
    found = Found(subject, [(queue, letter) for queue, letter, carried in letters if _is_about(carried, subject)])
    entries = system.recorded(subject)
    entries += [
        Entry(datetime.fromtimestamp(letter.message.sent_at, UTC), f"letter {queue}", f"{letter.step}: {letter.error}")
        for queue, letter in found.letters
    ]
    windows = (
        [Window(now - (since or DEFAULT_SINCE), now)]
        if since or not entries
        else logs.windows_around(entry.at for entry in entries)
    )
    _read_logs(system, identifier, found, windows)
    if found.subject != subject:
        entries = [*system.recorded(found.subject), *(entry for entry in entries if entry.where.startswith("letter "))]
    entries += [entry for line in found.lines if (entry := _entry(system, line))]
    place = "the emulator" if system.target.emulator else f"AWS account {system.target.account_id}"
    names = [f"  {kind}: {', '.join(sorted(ids))}" for kind, ids in (
        ("event", found.subject.events), ("delivery", found.subject.deliveries)) if ids]  # fmt: skip
    return Trace(
        "\n".join([f"{identifier} in {system.name} of {system.target.environment}, on {place}", *names]),
        entries,
        system.verdicts(found) if found.subject else [],
        [
            f"logs were read from {' and '.join(map(str, windows))} UTC; an entry may take a minute to appear",
            system.looked_at,
        ],
    )


def _read_logs(system: Traceable[Letter], identifier: str, found: Found[Letter], windows: Sequence[Window]) -> None:
    client = system.client("logs")
    groups, searched = dict(system.log_groups), frozenset[str]()
    lines: set[Line] = set()
    while new := (found.subject.ids | {identifier}) - searched:
        searched |= new
        for line in logs.find(client, groups, new, windows):
            lines.add(line)
            found.subject |= _the_other(identifier, found.subject, system.told(line))
    # Lambda's own entries have only the id of the invocation.
    invocations = {str(line.fields["function_request_id"]) for line in lines if "function_request_id" in line.fields}
    ends = logs.find(client, groups, invocations, windows) if invocations else []
    lines |= {line for line in ends if any(mark in line.text for mark in LAMBDA_ENDED)}
    about = [line for line in lines if not (told := system.told(line)) or _is_about(told, found.subject)]
    found.lines = sorted(about, key=lambda line: line.at)


def _the_other(identifier: str, subject: Subject, seen: Subject) -> Subject:
    """What else belongs to the identifier, by what one place says: deliveries of the event, events of the delivery."""
    gained = Subject()
    if identifier in seen.deliveries:
        gained = Subject(seen.events, frozenset({identifier}))
    elif identifier not in subject.deliveries:
        same = frozenset(event for event in seen.events if event in subject.events or _names(identifier, event))
        gained = Subject(same, seen.deliveries) if same else gained
    if seen.deliveries & (subject | gained).deliveries:
        gained |= Subject(executions=seen.executions)
    return gained


def _names(identifier: str, event: str) -> bool:
    """Whether an id is the event's, or the provider's within it: `evt_1` in `stripe:evt_1`."""
    return identifier == event or f":{identifier}:" in f":{event}:"


def _is_about(told: Subject, subject: Subject) -> bool:
    """Whether it is about the subject, and not about another event or delivery."""
    kinds = [
        (told.events, subject.events),
        (told.deliveries, subject.deliveries),
        (told.executions, subject.executions),
    ]
    known = [(left, right) for left, right in kinds if left and right]
    return bool(known) and all(left & right for left, right in known)


def _entry(system: Traceable[Letter], line: Line) -> Entry | None:
    where, fields = f"log {line.group}", line.fields
    if "message" in fields and "level" in fields:
        shown = [f"{name} {_short(fields[name])}" for name in SHOWN_FIELDS if fields.get(name) not in (None, [], "")]
        told = f"{fields['level']} {fields['message']}" + (f" ({', '.join(shown)})" if shown else "")
        return Entry(line.at, where, told)
    mark = next((mark for mark in LAMBDA_ENDED if mark in line.text), None)
    return Entry(line.at, where, f"Lambda: {mark}") if mark else system.describe(line)


def _short(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)
