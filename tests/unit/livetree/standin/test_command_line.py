from __future__ import annotations

from pathlib import Path

import pytest

from tools.errors import Failure
from tools.livetree.standin.command_line import CommandLine, parse


def parsed(words: str, **environment: str) -> CommandLine:
    return parse(words.split(), environment)


@pytest.mark.requirement("PLT-15", "PLT-17")
@pytest.mark.parametrize(
    ("words", "command", "arguments", "all_units"),
    [
        ("plan", "plan", (), False),
        ("run plan", "plan", (), False),
        ("run-all plan", "plan", (), True),
        ("run --all plan", "plan", (), True),
        ("run -a plan", "plan", (), True),
        ("run --all -- output -json", "output", ("-json",), True),
        ("run --all apply -- -auto-approve", "apply", ("-auto-approve",), True),
        ("run-all apply -auto-approve -input=false", "apply", ("-auto-approve", "-input=false"), True),
        ("--non-interactive run-all destroy", "destroy", (), True),
        ("output -json name", "output", ("-json", "name"), False),
        ("state pull", "state", ("pull",), False),
        ("force-unlock -force abc", "force-unlock", ("-force", "abc"), False),
        ("apply -destroy -auto-approve", "destroy", ("-auto-approve",), False),
        ("run --all apply -- -destroy", "destroy", (), True),
        ("plan -out=/x/plan -no-color", "plan", ("-out=/x/plan", "-no-color"), False),
        ("render --json", "render", (), False),
        ("render --format json", "render", (), False),
        ("render --format=json", "render", (), False),
        ("--version", "version", (), False),
    ],
)
def test_command_lines_of_both_lines_of_terragrunt_are_understood(
    words: str, command: str, arguments: tuple[str, ...], all_units: bool
) -> None:
    line = parsed(words)
    assert (line.command, line.arguments, line.all_units) == (command, arguments, all_units)


def test_options_and_variables_say_where_and_how(tmp_path: Path) -> None:
    for line in (
        parsed(f"plan --working-dir {tmp_path} --parallelism 3 --backend-bootstrap --non-interactive"),
        parsed(f"plan --working-dir={tmp_path} --parallelism=3 --backend-bootstrap --non-interactive"),
        parsed(
            "plan",
            TG_WORKING_DIR=str(tmp_path),
            TG_PARALLELISM="3",
            TG_BACKEND_BOOTSTRAP="true",
            TG_NON_INTERACTIVE="1",
        ),
    ):
        assert (line.folder, line.parallelism, line.bootstrap, line.interactive) == (tmp_path, 3, True, False)
    plain = parsed("plan")
    assert (plain.folder, plain.bootstrap, plain.interactive) == (Path.cwd(), False, True)


@pytest.mark.requirement("PLT-17")
@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", "no command"),
        ("hcl fmt --check", "--check"),
        ("hclfmt", "hclfmt"),
        ("stack run plan", "stack"),
        ("workspace list", "workspace"),
        ("plan --terragrunt-non-interactive", "--terragrunt-non-interactive"),
        ("plan --queue-exclude-dir x", "--queue-exclude-dir"),
        ("plan --feature x=1", "--feature"),
        ("render", "render"),
        ("render --all --json", "render"),
        ("render --format hcl", "render in another format"),
        ("output --json", "--json is an option of render"),
        ("plan --working-dir /no/such/folder", "/no/such/folder is not a folder"),
        ("plan --parallelism many", "'many'"),
        ("plan --parallelism 0", "'0'"),
    ],
)
def test_what_the_stand_in_does_not_take_is_refused_by_name(words: str, names: str) -> None:
    with pytest.raises(Failure) as raised:
        parsed(words)
    assert names in raised.value.problem
    assert raised.value.do
