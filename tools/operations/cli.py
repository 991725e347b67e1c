"""`pipelines redrive`, `status`, `send` and `webhooks rotate-secret`: working with what is deployed."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tools.deploy.cli import add_target_arguments
from tools.deploy.target import target
from tools.errors import WRONG_INPUT, Failure
from tools.operations.dead_letters import DeadLetter, Redriven
from tools.operations.payment_events import PaymentEvents
from tools.operations.system import System
from tools.operations.webhooks import Webhooks

SYSTEMS: Final[Mapping[str, type[System[Any]]]] = {system.name: system for system in (PaymentEvents, Webhooks)}


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    command = commands.add_parser("redrive", help="put what dead letters carry on its way again")
    command.add_argument("system", choices=sorted(SYSTEMS))
    command.add_argument("--queue", metavar="NAME", help="one dead-letter queue only, as event-enricher or payment")
    command.add_argument("--error", metavar="NAME", help="letters with this error only, as TransientError")
    command.add_argument("--dry-run", action="store_true", help="say what would go, and leave everything as it is")
    _add_place(command)
    command.set_defaults(run=_redrive)

    command = commands.add_parser("status", help="how many events are in each state, how many letters in each queue")
    command.add_argument("system", choices=sorted(SYSTEMS))
    _add_place(command)
    command.set_defaults(run=_status)

    command = commands.add_parser("send", help="send a notification's file to the front door")
    command.add_argument("system", choices=["payment-events"])
    command.add_argument("file", type=Path, nargs="+")
    _add_place(command)
    command.set_defaults(run=_send)

    webhooks = commands.add_parser("webhooks", help="the signing secret of webhooks")
    actions = webhooks.add_subparsers(dest="action", required=True, metavar="action")
    command = actions.add_parser(
        "rotate-secret", help="make a new signing secret; the one before stays valid beside it"
    )
    _add_place(command)
    command.set_defaults(run=_rotate_secret)


def _add_place(command: argparse.ArgumentParser) -> None:
    """`--env`, `--target`, and `--region`, for what one system of an environment is asked."""
    add_target_arguments(command)
    command.add_argument("--region", help="where the system runs in several regions of the environment: which is meant")


def _redrive(arguments: argparse.Namespace) -> int:
    system = _system(arguments)
    queues = system.dead_letter_queues
    if arguments.queue and arguments.queue not in queues:
        raise Failure(
            f"there is no dead-letter queue of {arguments.queue}",
            where=f"{arguments.system} of {arguments.env}",
            do=f"name one of: {', '.join(sorted(queues))}",
            status=WRONG_INPUT,
        )
    done, unreadable = 0, list[str]()
    for name in [arguments.queue] if arguments.queue else queues:
        numbers = _redrive_queue(system, name, arguments)
        for (step, error), number in sorted(numbers.sent.items()):
            print(f"{name}: {number} of {step} with {error}")
        done += numbers.sent.total()
        unreadable += [f"{numbers.unreadable} in {queues[name]}"] if numbers.unreadable else []
    if not arguments.dry_run:
        print(f"{done} redriven; `pipelines status {arguments.system}` shows where they are now")
    if unreadable:
        raise Failure(
            "there are dead letters that are not what the system writes, so that nothing can be sent again",
            where=", ".join(unreadable),
            do="look at them in their queue, and delete them there; all others were redriven",
        )
    return 0


def _redrive_queue(system: System[Any], name: str, arguments: argparse.Namespace) -> Redriven:
    def chosen(letter: DeadLetter) -> bool:
        return arguments.error in (None, letter.error)

    if not arguments.dry_run:
        return system.redrive(name, chosen)
    letters = [letter for letter in system.letters(name) if chosen(letter)]
    return Redriven(Counter((letter.step, letter.error) for letter in letters))


def _status(arguments: argparse.Namespace) -> int:
    system = _system(arguments)
    for (what, status), number in sorted(system.standing().items()):
        print(f"{what:<18} {status:<11} {number:>7}")
    for name in sorted(system.dead_letter_queues):
        letters = Counter(letter.error for letter in system.letters(name))
        if letters:
            print(
                f"dead letters of {name}: {', '.join(f'{number} {error}' for error, number in sorted(letters.items()))}"
            )
    return 0


def _system(arguments: argparse.Namespace) -> System[Any]:
    return SYSTEMS[arguments.system](target(arguments.env, arguments.target), arguments.region)


def _send(arguments: argparse.Namespace) -> int:
    system = PaymentEvents(target(arguments.env, arguments.target), arguments.region)
    for file in arguments.file:
        try:
            text = file.read_text()
        except OSError as error:
            raise Failure(
                f"{file} cannot be read: {error.strerror}", where=str(file), do="name a file", status=WRONG_INPUT
            ) from error
        print(f"{file.name}: {system.publish(text)}")
    return 0


def _rotate_secret(arguments: argparse.Namespace) -> int:
    system = Webhooks(target(arguments.env, arguments.target), arguments.region)
    system.rotate_secret()
    arn = system.data["signing_secret"]["arn"]
    print(
        "a new signing secret is active; the one before it stays valid until the next rotation\n"
        f"give it to the senders from Secrets Manager, field `current`: {arn}"
    )
    return 0
