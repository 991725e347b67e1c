"""What of a person's environment reaches the programs that the tools start."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import process_environment
from tools.process_environment import inherited
from tools.project import ROOT, display

STARTS = {"run", "Popen", "call", "check_call", "check_output"}


@pytest.mark.requirement("PLT-23")
@pytest.mark.parametrize(
    "name",
    [
        *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_DRY_RUN", "PIP_NEVER_HEARD_OF"),
        *("TF_VAR_context", "TF_CLI_ARGS_plan", "TF_WORKSPACE", "TF_DATA_DIR", "TF_REATTACH_PROVIDERS"),
        *("TG_SOURCE", "TG_INPUTS", "TERRAGRUNT_SOURCE", "TF_LOG", "TF_LOG_PROVIDER_AWS", "TG_LOG_LEVEL"),
        *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_TEMPLATE_DIR"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONOPTIMIZE", "PYTHONWARNINGS", "VIRTUAL_ENV"),
        *(
            "CKV_SKIP_CHECK",
            "CKV_IGNORED_DIRECTORIES",
            "BC_API_KEY",
            "PYTEST_ADDOPTS",
            "MYPYPATH",
            "MAKEFLAGS",
            "CDPATH",
            "BASH_ENV",
            "ENV",
            "FORCE_COLOR",
        ),
    ],
)
def test_what_would_steer_a_program_elsewhere_does_not_pass(name: str) -> None:
    assert name not in inherited({name: "anything", "PATH": "/bin"})


@pytest.mark.requirement("PLT-23")
@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy", "all_proxy", "DOCKER_HOST"),
        *("PIP_INDEX_URL", "PIP_CERT", "PIP_FIND_LINKS", "TF_CLI_CONFIG_FILE", "TF_TOKEN_app_terraform_io"),
        *("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "TG_IAM_ASSUME_ROLE", "EMULATOR_PORT", "GIT_CONFIG_GLOBAL"),
    ],
)
def test_how_the_world_is_reached_passes(name: str) -> None:
    assert inherited({name: "anything"})[name] == "anything"


def test_who_the_person_is_to_aws_passes_only_where_it_is_asked_for() -> None:
    given = {"AWS_PROFILE": "production", "AWS_USE_FIPS_ENDPOINT": "true", "TG_IAM_ASSUME_ROLE": "arn", "HOME": "/h"}
    assert inherited(given).items() >= given.items()
    assert inherited(given, identity=False).keys() & given.keys() == {"HOME"}


def test_what_makes_terraform_tell_more_passes_only_to_a_program_whose_output_a_person_reads() -> None:
    given = {"TF_LOG": "DEBUG", "TF_LOG_PATH": "log", "TG_LOG_LEVEL": "debug"}
    assert inherited(given).keys() & given.keys() == set()
    assert inherited(given, logging=True).items() >= given.items()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"no_proxy": "internal"}, "internal,127.0.0.1,localhost"),
        ({"NO_PROXY": "a, b", "no_proxy": "b,c"}, "b,c,a,127.0.0.1,localhost"),
        ({"no_proxy": "localhost", "NO_PROXY": ""}, "localhost,127.0.0.1"),
        ({"NO_PROXY": "*"}, "*"),
    ],
)
def test_both_cases_of_no_proxy_say_the_same_and_name_this_machine(given: dict[str, str], said: str) -> None:
    environment = inherited(given)
    assert (environment["NO_PROXY"], environment["no_proxy"]) == (said, said)


def test_a_program_on_the_emulator_asks_no_proxy_whatever_the_person_has_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://proxy.invalid:3128")
    monkeypatch.setenv("no_proxy", "internal")
    code = "import urllib.request as r; print(r.proxy_bypass('127.0.0.1:4566'))"
    answer = subprocess.run([sys.executable, "-c", code], env=inherited(), capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "True"


def test_a_program_that_takes_nothing_of_the_person_gets_a_path_a_temporary_folder_and_utf_8(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CKV_SKIP_CHECK", "CKV_FEP_1")
    monkeypatch.setenv("LC_ALL", "de_DE.ISO-8859-1")
    assert process_environment.bare().keys() <= {"PATH", "TMPDIR", "LANG"}


def starts_of_programs(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="subprocess"), attr=name)) if name in STARTS:
                yield node
            case ast.Call(func=ast.Attribute(value=ast.Name(id="os"), attr="system" | "popen" | "execv" | "execvp")):
                yield node


def test_every_program_that_a_tool_starts_is_given_its_environment() -> None:
    calls = [(path, call) for path in sorted((ROOT / "tools").rglob("*.py")) for call in starts_of_programs(path)]
    assert len(calls) > 10
    assert [
        f"{display(path)}, line {call.lineno}"
        for path, call in calls
        if not any(keyword.arg == "env" for keyword in call.keywords)
    ] == []


def test_the_tests_themselves_run_without_it() -> None:
    """tests/conftest.py sees to it: whatever starts pytest, a test that starts git works on no other repository."""
    assert inherited(os.environ, identity=False).keys() == os.environ.keys()
