"""`pipelines system`, `pipelines env outputs`: work with what is deployed."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from functions.common.timestamps import to_text
from functions.webhooks.logic.events import TransactionType
from tools.arguments import Parser, add_region, add_target
from tools.deploy.target import target
from tools.errors import FAILED, WRONG_INPUT, Failure
from tools.livetree import layout
from tools.measures import table
from tools.operations.account_records import Account
from tools.operations.csv_upload import CsvUpload
from tools.operations.dead_letters import DeadLetter, Redriven
from tools.operations.payment_events import PaymentEvents
from tools.operations.privacy import RECORDS, Holdings, Privacy, Receipt
from tools.operations.restoring import Restoring
from tools.operations.system import LetterSystem, System
from tools.operations.trace import DEFAULT_SINCE, trace
from tools.operations.transaction_files import TransactionFiles
from tools.operations.webhooks import Webhooks, example, signature_headers

SYSTEMS: Final[Mapping[str, type[System[Any]]]] = {
    system.name: system for system in (CsvUpload, PaymentEvents, TransactionFiles, Webhooks)
}


def system_status(parser: Parser) -> None:
    parser.add_argument("system", nargs="?", choices=sorted(SYSTEMS), help="one system (all)")
    parser.add_argument(
        "--since", type=span, metavar="TIME", default=DEFAULT_SINCE, help="how far back, as 30m, 12h or 7d (1d)"
    )
    _add_place(parser)
    parser.set_defaults(run=_status)


def system_send(parser: Parser) -> None:
    _add_system(parser)
    parser.add_argument(
        "file", type=Path, nargs="*", help="a notification, the body of a webhook, a transaction file, or CSV"
    )
    parser.add_argument("--type", choices=[*TransactionType], help="webhooks: send an example of this type")
    parser.set_defaults(run=_send)


def system_redrive(parser: Parser) -> None:
    _add_system(parser)
    parser.add_argument(
        "--queue",
        metavar="NAME",
        help="one dead-letter queue only, as event-enricher or payment; not for transaction-files, which keeps what "
        "could not be processed in its table of errors",
    )
    parser.add_argument(
        "--error",
        metavar="NAME",
        help="what has this error only, as TransientError (transaction-files: a fault's code)",
    )
    parser.add_argument("--dry-run", action="store_true", help="count what would go, and leave everything as it is")
    parser.set_defaults(run=_redrive)


def system_trace(parser: Parser) -> None:
    _add_system(parser)
    parser.add_argument(
        "id",
        help="of the event (the platform's or the provider's), or of a delivery: correlation id; for transaction-files "
        "of a transaction, of an error, or a file: its key, or bucket/key@version; for csv-upload of an upload",
    )
    parser.add_argument(
        "--since",
        type=span,
        metavar="TIME",
        help="read logs from that long ago, as 30m, 12h or 7d, to now (without it: "
        "around the times in the table and the dead letters, or for a day)",
    )
    parser.set_defaults(run=_trace)


def system_rotate_secret(parser: Parser) -> None:
    _add_system(parser, Webhooks.name)
    parser.set_defaults(run=_rotate_secret)


def system_api_key(parser: Parser) -> None:
    _add_system(parser, CsvUpload.name)
    parser.add_argument("--rotate", action="store_true", help="make a new one; the previous one stays valid beside it")
    parser.set_defaults(run=_api_key)


def system_restore(parser: Parser) -> None:
    _add_system(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--at", type=moment, metavar="TIME", help="restore tables as they were then, as 2026-11-28T09:00:00Z"
    )
    what.add_argument(
        "--adopt", action="store_true", help="let restored tables, which `restored_tables` names, take others' place"
    )
    parser.add_argument(
        "--table", action="append", default=[], metavar="NAME", help="with --at: this table only, as transactions (all)"
    )
    parser.set_defaults(run=_restore)


def system_export(parser: Parser) -> None:
    _add_privacy(parser)
    parser.add_argument("--output", type=Path, metavar="FILE", help="a new file, for its owner only (standard output)")
    parser.set_defaults(run=_export)


def system_erase(parser: Parser) -> None:
    _add_privacy(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask; without it, the account has to be typed again")
    parser.set_defaults(run=_erase)


def env_outputs(parser: Parser) -> None:
    parser.add_argument("system", nargs="?", choices=sorted(SYSTEMS), help="one system (all)")
    parser.add_argument("--json", action="store_true", help="all outputs of the units, as JSON")
    _add_place(parser)
    parser.set_defaults(run=_outputs)


def _add_system(parser: Parser, *names: str) -> None:
    """A system, one of these or any, and where it is."""
    parser.add_argument("system", choices=names or sorted(SYSTEMS))
    _add_place(parser)


def _add_privacy(parser: Parser) -> None:
    _add_system(parser, TransactionFiles.name)
    parser.add_argument("--account", required=True, metavar="ID", help="the account_id, as it stands in the files")


def _add_place(parser: Parser) -> None:
    add_target(parser)
    add_region(parser)


def _redrive(arguments: argparse.Namespace) -> int:
    system = _system(arguments)
    if isinstance(system, TransactionFiles):
        return _redrive_files(system, arguments)
    assert isinstance(system, LetterSystem)  # noqa: S101 -- every other system is one
    queues = system.dead_letter_queues
    if arguments.queue and arguments.queue not in queues:
        raise Failure(
            f"there is no dead-letter queue of {arguments.queue}",
            where=f"{arguments.system} of {arguments.env}",
            do=f"name one of: {', '.join(sorted(queues))}",
            status=WRONG_INPUT,
        )
    done, unreadable, left_out = 0, list[str](), list[str]()
    for name in [arguments.queue] if arguments.queue else queues:
        numbers = _redrive_queue(system, name, arguments)
        for (step, error), number in sorted(numbers.sent.items()):
            print(f"{name}: {number} of {step} with {error}")
        done += numbers.sent.total()
        unreadable += [f"{numbers.unreadable} in {queues[name]}"] if numbers.unreadable else []
        left_out += [f"{numbers.left_out} in {queues[name]}"] if numbers.left_out else []
    if not arguments.dry_run:
        print(f"{done} redriven; `pipelines system status {arguments.system}` shows where they are now")
    if unreadable:
        raise Failure(
            "there are dead letters that the system did not write, so their content cannot be sent again",
            where=", ".join(unreadable),
            do="look at them in their queue and delete them there; all others were redriven",
        )
    if left_out:
        what, do = system.left_out
        raise Failure(what, where=", ".join(left_out), do=do)
    return 0


def _redrive_files(system: TransactionFiles, arguments: argparse.Namespace) -> int:
    if arguments.queue:
        raise Failure(
            f"{system.name} has no dead-letter queue to choose: a function moves its letters to the table of errors",
            where="--queue",
            do="leave it out",
            status=WRONG_INPUT,
        )
    waiting = system.not_processed(arguments.error)
    if arguments.dry_run:
        for kind, number in sorted(Counter(item["kind"] for item in waiting).items()):
            print(f"{number} of kind {kind}")
        return 0
    done = system.redrive(waiting)
    for kind, number in sorted(done.items()):
        print(f"{number} of kind {kind}")
    print(f"{done.total()} redriven; `pipelines system status {system.name}` shows where they are now")
    return 0


def _redrive_queue(system: LetterSystem[Any], name: str, arguments: argparse.Namespace) -> Redriven:
    def chosen(letter: DeadLetter) -> bool:
        return arguments.error in (None, letter.error)

    if not arguments.dry_run:
        done: Redriven = system.redrive(name, chosen)
        return done
    letters = [letter for letter in system.letters(name) if chosen(letter)]
    return Redriven(Counter((letter.step, letter.error) for letter in letters))


def _status(arguments: argparse.Namespace) -> int:
    systems = list(_systems(arguments))
    since = datetime.now(UTC) - arguments.since
    print(f"recorded since {since:%Y-%m-%d %H:%M} UTC")
    for system in systems:
        print(system.name)
        for line in system.status(since):
            print(f"  {line}")
    return 0


def _trace(arguments: argparse.Namespace) -> int:
    told = trace(_system(arguments), arguments.id, arguments.since)
    print(told)
    return 0 if told.verdicts else FAILED


def span(text: str) -> timedelta:
    """A length of time as a person types it: 30m, 12h, 7d. Raises ArgumentTypeError for anything else."""
    units = {"m": "minutes", "h": "hours", "d": "days"}
    if not (text[:-1].isdecimal() and text[-1:] in units and int(text[:-1])):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no length of time: give minutes, hours or days, such as 30m, 12h or 7d"
        )
    return timedelta(**{units[text[-1]]: int(text[:-1])})


def moment(text: str) -> datetime:
    """A time as a person types it: ISO 8601, UTC where it names no zone. Raises ArgumentTypeError for anything else."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: give one such as 2026-11-28T09:00:00Z") from None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).replace(microsecond=0)


def _restore(arguments: argparse.Namespace) -> int:
    on = target(arguments.env, arguments.target)
    region = layout.region(arguments.env, arguments.system, arguments.region)
    restoring = Restoring(on, layout.Place(arguments.env, region, arguments.system, "data"))
    return _adopt(restoring) if arguments.adopt else _restore_to(restoring, arguments.table, arguments.at)


def _restore_to(restoring: Restoring, keys: list[str], at: datetime) -> int:
    tables = restoring.chosen(keys)
    print(f"restoring {', '.join(table.name for table in tables)}; on AWS this takes from minutes to hours", flush=True)
    made = restoring.restore(tables, at)
    for each in tables:
        print(f"{each.name} as it was at {at:%Y-%m-%dT%H:%M:%SZ}: {made[each.key]}")
    on, system = restoring.target, restoring.place.system
    print(
        "nothing uses them yet. Look at them; to let them take the others' place, write in "
        f"{restoring.settings_file}\n{textwrap.indent(restoring.written(made), '  ')}\nand run "
        f"`pipelines system restore {system} --adopt --env {on.environment}{'' if on.emulator else ' --target aws'}`"
    )
    return 0


def _adopt(restoring: Restoring) -> int:
    for command in restoring.adopt():
        print(command, flush=True)
    on, place = restoring.target, restoring.place
    where = f"ENV={on.environment} UNITS={place.region}/{place.system}{'' if on.emulator else ' TARGET=aws'}"
    print(f"the next apply lets the functions use these tables, and protects them: `make apply {where}`")
    return 0


def _system(arguments: argparse.Namespace) -> System[Any]:
    return SYSTEMS[arguments.system](target(arguments.env, arguments.target), arguments.region)


def _systems(arguments: argparse.Namespace) -> Iterator[System[Any]]:
    """The system that is named, or every system of the environment, in the region that is named or its only one."""
    on = target(arguments.env, arguments.target)
    there = [name for name in sorted(SYSTEMS) if layout.regions(arguments.env, name)]
    for name in [arguments.system] if arguments.system else there:
        yield SYSTEMS[name](on, arguments.region)


def _send(arguments: argparse.Namespace) -> int:
    if bool(arguments.type) == bool(arguments.file) or (arguments.type and arguments.system != Webhooks.name):
        raise Failure(
            "there is nothing to send, or too much: give files, or for webhooks `--type` and no file",
            where=f"pipelines system send {arguments.system}",
            do="as `pipelines system send payment-events notification.json` or "
            "`pipelines system send webhooks --type payment`",
            status=WRONG_INPUT,
        )
    system = _system(arguments)
    if isinstance(system, TransactionFiles):
        for path in arguments.file:
            file = system.upload(path)
            print(f"{path}: {file}\nfollow it: {system.command(f'system trace {system.name} {shlex.quote(file)}')}")
        return 0
    contents = [(file.name, _content(file), f"@{file}") for file in arguments.file]
    if isinstance(system, CsvUpload):
        for name, body, _ in contents:
            upload_id = system.upload(name, body)
            print(f"{name}: upload {upload_id}\nfollow it: {system.command(f'system trace {system.name} {upload_id}')}")
        return 0
    if arguments.type:
        event = json.dumps(example(arguments.type))
        contents = [(f"a {arguments.type}", event.encode(), event)]
    if isinstance(system, Webhooks):
        return max(_send_webhook(system, *content) for content in contents)
    for name, body, _ in contents:
        message_id = cast(PaymentEvents, system).publish(_text(name, body))
        print(f"{name}: delivery {message_id}\nfollow it: {system.command(f'system trace {system.name} {message_id}')}")
    return 0


def _send_webhook(system: Webhooks, name: str, body: bytes, curl_data: str) -> int:
    """Sign and post a body; print the response, and a curl line that does the same."""
    secret = system.current_secret()
    if secret is None:
        raise Failure(
            "there is no signing secret yet",
            where=system.data["signing_secret"]["arn"],
            do=f"make one: {system.command('system rotate-secret webhooks')}",
        )
    headers = {"Content-Type": "application/json", **signature_headers(body, secret)}
    answer = system.post(body, headers)
    delivery = answer.headers.get("x-amzn-requestid", "")
    print(f"{name}: {answer.status} {json.dumps(answer.body)}, request {delivery}")
    words = [word for header in headers.items() for word in ("-H", ": ".join(header))]
    print("the same with curl, while the signature holds (five minutes):")
    print(shlex.join(["curl", "-i", system.url, *words, "--data-binary", curl_data]))
    event_id = answer.body.get("event_id") if isinstance(answer.body, dict) else None
    print(f"follow it: {system.command(f'system trace {system.name} {event_id or delivery}')}")
    return 0 if answer.status == 200 else FAILED


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Failure(
            f"{file} cannot be read: {error.strerror}", where=str(file), do="name a file", status=WRONG_INPUT
        ) from error


def _text(name: str, body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Failure(
            f"{name} is not UTF-8: byte {error.start}", where=name, do="name a text file", status=WRONG_INPUT
        ) from error


def _outputs(arguments: argparse.Namespace) -> int:
    systems = list(_systems(arguments))
    if arguments.json:
        print(json.dumps({each.name: {"data": each.data, "service": each.service} for each in systems}, indent=2))
        return 0
    for system in systems:
        print(system.name)
        for line in table(system.addresses, left=2):
            print(f"  {line}")
    return 0


def _export(arguments: argparse.Namespace) -> int:
    privacy = _privacy(arguments)
    if arguments.output and arguments.output.exists():
        raise Failure(
            f"{arguments.output} is there already",
            where="--output",
            do="name a new file: an export is not mixed with anything",
            status=WRONG_INPUT,
        )
    holdings, receipt = privacy.export()
    document = {"account_id": arguments.account, "exported_at": to_text(datetime.now(UTC)), **holdings.document()}
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"
    if arguments.output:
        with open(arguments.output, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(text)
    else:
        print(text, end="")
    return _told("exported", holdings, receipt)


def _erase(arguments: argparse.Namespace) -> int:
    privacy = _privacy(arguments)
    if not arguments.yes and not _is_typed_again(arguments):
        raise Failure(
            "nothing was erased: the account was not typed again",
            where=f"{arguments.system} of {arguments.env}",
            do="type it, or give --yes; what is erased cannot be brought back (an export shows what it would be)",
            status=WRONG_INPUT,
        )
    return _told("erased", *privacy.erase())


def _privacy(arguments: argparse.Namespace) -> Privacy:
    account = Account(arguments.account)
    return Privacy(TransactionFiles(target(arguments.env, arguments.target), arguments.region), account)


def _is_typed_again(arguments: argparse.Namespace) -> bool:
    if not sys.stdin.isatty():
        return False
    print(
        f"everything that {arguments.system} of {arguments.env} holds for one account will be erased", file=sys.stderr
    )
    return bool(input("type the account id again: ") == arguments.account)


def _told(done: str, holdings: Holdings, receipt: Receipt) -> int:
    """Say what was done, apart from an export itself. Returns the exit status: FAILED where something is left."""
    counts = holdings.counts
    print(
        f"{done}: {counts['transactions']} transactions, {counts['errors']} errors, {counts['records_in_objects']} "
        f"records in {counts['object_versions']} versions of objects\n"
        f"the record of it: in the table of files, file {RECORDS}, start {receipt.at}\n"
        f"its receipt, for the file of the request and nowhere else: {receipt.key}",
        file=sys.stderr,
    )
    for what, why in sorted(holdings.left.items()):
        print(f"not {done}: {what}: {why}", file=sys.stderr)
    return FAILED if holdings.left else 0


def _rotate_secret(arguments: argparse.Namespace) -> int:
    system = Webhooks(target(arguments.env, arguments.target), arguments.region)
    system.rotate_secret()
    arn = system.data["signing_secret"]["arn"]
    print(
        "a new signing secret is active; the one before it stays valid until the next rotation\n"
        f"give it to the senders from Secrets Manager, field `current`: {arn}"
    )
    return 0


def _api_key(arguments: argparse.Namespace) -> int:
    system = CsvUpload(target(arguments.env, arguments.target), arguments.region)
    if arguments.rotate:
        print(system.api_keys.rotate())
        print("the key before it stays valid until the next rotation", file=sys.stderr)
    else:
        print(system.current_key())
    return 0
