"""The console script `pipelines`. A command is a noun, then a verb: `pipelines env plan`, `pipelines system trace`."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn

from functions.common.errors import TransientError
from tools.arguments import Parser, did_you_mean
from tools.errors import MISSING_ON_THIS_MACHINE, WRONG_INPUT, AskedToEnd, Failure
from tools.measures import table

HELP: Final = ("-h", "--help")
# A module of these that is not there is a bug of ours, not a library that is not installed.
OURS: Final = ("functions", "policies", "tools")


@dataclass(frozen=True)
class Verb:
    """A command: the tool that it is part of, and what it does.

    The module `cli` of the tool has a function with the command's name, `env_plan` for `env plan`. The function takes
    the command's parser, adds the arguments, and sets `run`, which takes the parsed arguments and returns the exit
    status. A command loads its own tool only: hooks run some of them for every unit.
    """

    tool: str
    help: str


@dataclass(frozen=True)
class Noun:
    """What commands work on."""

    help: str
    verbs: Mapping[str, Verb]


COMMANDS: Final[Mapping[str, Noun]] = {
    "env": Noun(
        "an environment: a folder of live/",
        {
            "plan": Verb("deploy", "show what an apply would change"),
            "apply": Verb("deploy", "apply the environment, or some of its units"),
            "drift": Verb("delivery", "name what is deployed otherwise than the configuration says"),
            "destroy": Verb("deploy", "destroy the environment, or some of its units"),
            "up": Verb("deploy", "start the emulator and apply the environment on it; it keeps running"),
            "role": Verb("delivery", "name the role that plans or applies in the environment's account"),
            "settings": Verb("livetree", "name every fault of live/<environment>/environment.yaml"),
            "bootstrap": Verb(
                "livetree", "make an account's state bucket, its key, the lock table, and the roles of workflows"
            ),
            "outputs": Verb("operations", "list the addresses of what is deployed: front doors, tables, queues, logs"),
        },
    ),
    "system": Noun(
        "a system of an environment: csv-upload, payment-events, transaction-files, webhooks",
        {
            "status": Verb("operations", "count the events or files in each state, and what went wrong"),
            "send": Verb("operations", "send files to the front door, or an example of a webhook"),
            "redrive": Verb("operations", "send what could not be processed through the system again"),
            "trace": Verb("operations", "show all that is known of an event, record or file, and what to do next"),
            "restore": Verb("operations", "restore tables to a point in time, and let them take the place of others"),
            "export": Verb("operations", "write down all that is held for one account"),
            "erase": Verb("operations", "erase all that is held for one account"),
            "api-key": Verb("operations", "show the API key of operations, or make a new one"),
            "rotate-secret": Verb("operations", "make a new signing secret; the previous one stays valid beside it"),
        },
    ),
    "emulator": Noun(
        "the AWS emulator on this machine",
        {
            "start": Verb("emulator", "start it; it keeps running (EMULATOR_PORT names the port)"),
            "stop": Verb("emulator", "stop it; everything on it is gone"),
            "status": Verb("emulator", "say whether it runs, and where (exit status 1 when it does not)"),
        },
    ),
    "policies": Noun(
        "the rules on the configuration",
        {
            "source": Verb("policies", "judge the source by checkov with our rules; fail when a rule has not run"),
            "plan": Verb("policies", "judge the plans of all units of an environment by our rules"),
            "mutants": Verb("policies", "break the modules in every forbidden way; fail when a break is not found"),
        },
    ),
    "docs": Noun(
        "the generated documentation",
        {
            "generate": Verb("docs", "write the generated pages and parts of pages, then check the rest"),
            "check": Verb(
                "docs", "fail where a part is stale, a name or number is wrong, or a requirement has no test"
            ),
        },
    ),
    "release": Noun(
        "the functions' artefacts",
        {
            "manifest": Verb("release", "write which artefact each function runs; builds nothing"),
            "build": Verb("release", "build the zips of all functions, once for all environments"),
            "publish": Verb(
                "release", "build and upload the artefacts that the bucket or the repositories do not hold"
            ),
            "scan": Verb("release", "what ECR has found in the images that are deployed"),
        },
    ),
    "change": Noun(
        "a change of this repository",
        {"environments": Verb("delivery", "list the environments whose units it touches, as JSON")},
    ),
    "github": Noun(
        "what is said on GitHub",
        {
            "comment": Verb("delivery", "keep one comment about something on a pull request"),
            "issue": Verb("delivery", "keep one issue open while there is something to say, then close it"),
        },
    ),
    "unit": Noun(
        "a unit of the live tree",
        {"check": Verb("livetree", "refuse what would fail half-way or destroy too much; a hook of every unit")},
    ),
    "project": Noun(
        "this repository",
        {
            "demo": Verb("demo", "apply live/dev on an emulator, send events, and account for every one"),
            "bench": Verb("bench", "measure cost and throughput on an emulator, beside baselines"),
            "lint": Verb("quality", "check formatting, types, imports, settings, documentation, policies"),
            "test": Verb("quality", "lint, then run every test; what CI runs"),
        },
    ),
}


def parser(noun: str, verb: str) -> Parser:
    """The parser of a command."""
    command = COMMANDS[noun].verbs[verb]
    made = Parser(f"{noun} {verb}", command.help)
    tool = importlib.import_module(f"tools.{command.tool}.cli")
    getattr(tool, f"{noun}_{verb}".replace("-", "_"))(made)
    return made


def parse(words: Sequence[str]) -> argparse.Namespace:
    """Read a command line. Raises Failure where it is wrong, and SystemExit once it has printed the help asked for."""
    noun, verb = [*words[:2], "", ""][:2]
    if noun in HELP:
        _print_help("", {name: each.help for name, each in COMMANDS.items()})
    if noun not in COMMANDS:
        _refuse(noun, "", COMMANDS)
    if verb in HELP:
        _print_help(noun, {name: each.help for name, each in COMMANDS[noun].verbs.items()})
    if verb not in COMMANDS[noun].verbs:
        _refuse(verb, noun, COMMANDS[noun].verbs)
    return parser(noun, verb).parse(words[2:])


def _print_help(noun: str, words: Mapping[str, str]) -> NoReturn:
    print(f"usage: pipelines {noun or '<noun>'} <verb> [arguments]; --help explains each\n")
    for line in table(list(words.items()), left=2):
        print(f"  {line}")
    sys.exit(0)


def _refuse(word: str, noun: str, known: Mapping[str, Noun] | Mapping[str, Verb]) -> NoReturn:
    called = f"pipelines {noun}".strip()
    whole = [f"{name} {verb}" for name, each in COMMANDS.items() for verb in each.verbs]
    # A verb without its noun is the likeliest mistake.
    forgotten = [command for command in whole if word and not noun and command.endswith(f" {word}")]
    known_words = known if noun else [*known, *whole]
    guess = f"did you mean {' or '.join(forgotten)}?" if forgotten else did_you_mean(word, known_words)
    raise Failure(
        f"{word!r} is not a command of `{called}`" if word else f"`{called}` is not a whole command",
        where=f"{called} {word}".strip(),
        do=guess or f"give one of {', '.join(known)}; `{called} --help` explains them",
        status=WRONG_INPUT,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns its exit status: 0 done, 1 failed, 2 wrong input or setting, 3 something is missing,
    130 interrupted.

    SIGTERM stops a command as Ctrl-C does: what it started is stopped in order.
    """
    before = signal.signal(signal.SIGTERM, _end)
    try:
        parsed = parse(sys.argv[1:] if arguments is None else arguments)
        return int(parsed.run(parsed))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        failure = error if isinstance(error, Failure) else _explained(error)
        if failure is None:
            raise
        print(failure, file=sys.stderr)
        return failure.status
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(*_: object) -> NoReturn:
    raise AskedToEnd


def _explained(error: Exception) -> Failure | None:
    """What a person is told about an error of AWS, one that it keeps making, or a library that is not installed; None
    for a bug of ours.
    """
    if isinstance(error, TransientError):
        return Failure(f"AWS did not answer as it should: {error}", do="run the command again in some minutes")
    if isinstance(error, ModuleNotFoundError) and error.name and error.name.partition(".")[0] not in OURS:
        return Failure(
            f"the library {error.name} is not installed: the Python environment is older than its lock",
            where=".venv",
            do="run `make setup`",
            status=MISSING_ON_THIS_MACHINE,
        )
    if not type(error).__module__.startswith(("boto3.", "botocore.")):
        return None
    # Not at the top: every hook of every unit starts this program, most for a command without AWS.
    from tools.deploy.aws_errors import explain

    return explain(error)


if __name__ == "__main__":
    sys.exit(main())
