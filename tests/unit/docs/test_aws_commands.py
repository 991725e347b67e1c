"""Every command of the AWS CLI on a page is one that AWS's own description of its APIs knows, with all that it needs.

And every Terragrunt command is one of Terraform's.
"""

from __future__ import annotations

import itertools
import re
import shlex

import botocore.session
import pytest
from botocore import xform_name

from tools.livetree.standin.command_line import TERRAFORM_COMMANDS
from tools.project import ROOT, display, files

PAGES = [path for path in files("*.md") if not path.is_relative_to(ROOT / "docs" / "spec")]
# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-options.html, and what the CLI adds to every operation
GLOBAL = frozenset(
    {"cli-binary-format", "cli-input-json", "max-items", "no-paginate", "output", "profile", "query", "region"}
)
_BLOCK = re.compile(r"^ *```sh\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`((?:aws|terragrunt) [^`\n]+)`")


def commands(text: str, program: str) -> list[str]:
    """The command lines of a program in blocks of shell and in backticks; a line that goes on is one."""
    lines = [line.strip() for block in _BLOCK.findall(text) for line in re.sub(r"\\\n\s*", "", block).splitlines()]
    spans = _SPAN.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [line for line in [*lines, *spans] if line.startswith(f"{program} ")]


def fault(line: str) -> str | None:
    """What is wrong with a command of the AWS CLI; None where nothing is.

    A command in backticks that has no option at all names the operation only.
    """
    _, service, *rest = shlex.split(re.sub(r"<[^>]*>", "x", line), comments=True)
    session = botocore.session.get_session()
    if service not in session.get_available_services():
        return f"there is no service {service}"
    model = session.get_service_model(service)
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    if not rest or rest[0] not in operations:
        return f"{service} has no operation {' '.join(rest[:1])}"
    shape = model.operation_model(operations[rest[0]]).input_shape
    known = {xform_name(name, "-"): name for name in (shape.members if shape else {})}
    given = [word.removeprefix("--").partition("=")[0] for word in rest[1:] if word.startswith("--")]
    for option in given:
        if option not in known and option.removeprefix("no-") not in known and option not in GLOBAL:
            return f"{service} {rest[0]} has no option --{option}"
    needed = {xform_name(name, "-") for name in (shape.required_members if shape else [])}
    named = {option.removeprefix("no-") if option not in known else option for option in given}
    if given and (missing := sorted(needed - named)):
        return f"{service} {rest[0]} needs --{missing[0]}"
    return None


FOUND = [(display(path), line) for path in PAGES for line in commands(path.read_text(encoding="utf-8"), "aws")]


def test_the_runbooks_have_commands_of_the_aws_cli() -> None:
    assert len({line for page, line in FOUND if page.startswith("docs/runbooks/")}) > 10


@pytest.mark.requirement("PLT-51")
@pytest.mark.parametrize(("page", "line"), FOUND, ids=itertools.count())
def test_a_page_names_no_command_of_the_aws_cli_that_aws_does_not_know(page: str, line: str) -> None:
    assert fault(line) is None, f"{page}: {line}"


def test_terragrunt_is_only_told_commands_of_terraform() -> None:
    found = {
        (display(path), line) for path in PAGES for line in commands(path.read_text(encoding="utf-8"), "terragrunt")
    }
    allowed = TERRAFORM_COMMANDS | {"info", "run", "run-all", "render"}
    assert len(found) > 2
    assert {(page, line) for page, line in found if line.split()[1] not in allowed} == set()


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("aws kms enable-key --key-id <id>", None),
        ("aws lambda get-account-settings", None),
        ("aws dynamodb update-table --table-name <t> --no-deletion-protection-enabled", None),
        ("aws kms revive-key --key-id <id>", "kms has no operation revive-key"),
        ("aws kmz enable-key --key-id <id>", "there is no service kmz"),
        ("aws kms enable-key --key <id>", "kms enable-key has no option --key"),
        ("aws dynamodb restore-table-from-backup --backup-arn <arn>", "needs --target-table-name"),
    ],
)
def test_a_wrong_command_is_found(line: str, wrong: str | None) -> None:
    found = fault(line)
    assert found is None if wrong is None else wrong in str(found)
