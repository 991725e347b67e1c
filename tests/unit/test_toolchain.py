"""Set-up: what is missing on a machine is named, with the command that brings it."""

from __future__ import annotations

import re
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tools import toolchain
from tools.emulator import processes
from tools.errors import Failure
from tools.project import ROOT
from tools.waiting import wait_for


def program(folder: Path, name: str, version: str) -> Path:
    """A Terraform or OpenTofu that knows its version and nothing else."""
    path = folder / name
    kind = "OpenTofu" if name == "tofu" else "Terraform"
    told = f"""[ "$2" = -json ] && echo '{{"terraform_version": "{version}"}}' || echo {kind} v{version}"""
    path.write_text(f"#!/bin/sh\n{told}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on its PATH, no home, no mirror, and a build folder of its own."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("TG_TF_PATH", "TF_CLI_CONFIG_FILE", "TF_PLUGIN_MIRROR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(toolchain, "BUILD", tmp_path / "build")
    monkeypatch.setattr(toolchain, "CLI_CONFIGURATION", tmp_path / "build" / "terraform.rc")
    return tmp_path


@pytest.mark.requirement("PLT-24")
def test_a_machine_without_terraform_is_told_how_to_get_it(machine: Path) -> None:
    with pytest.raises(Failure) as failure:
        toolchain.terraform()
    assert failure.value.status == 3
    assert "Terraform is not on the PATH" in failure.value.problem
    assert "mise install" in (failure.value.do or "")


@pytest.mark.requirement("PLT-23", "PLT-24")
def test_terraform_that_is_too_old_is_named_with_its_version(machine: Path) -> None:
    program(machine, "terraform", "1.4.7")
    with pytest.raises(Failure, match=r"terraform is 1\.4\.7; the modules need 1\.5"):
        toolchain.terraform()


@pytest.mark.requirement("PLT-23", "PLT-10")
@pytest.mark.parametrize(
    ("name", "version"), [("terraform", "1.5.0"), ("terraform", "1.12.0-beta1"), ("tofu", "1.10.2")]
)
def test_terraform_and_opentofu_are_found_on_the_path(machine: Path, name: str, version: str) -> None:
    assert program(machine, name, version) == Path(toolchain.terraform())


@pytest.mark.requirement("PLT-10", "PLT-24")
def test_terraform_that_refuses_the_key_of_the_states_is_refused(machine: Path) -> None:
    program(machine, "terraform", "1.6.0")
    with pytest.raises(Failure, match=r"Terraform 1\.6\.0 cannot keep the states"):
        toolchain.terraform()
    tofu = program(machine, "tofu", "1.6.0")
    (machine / "terraform").unlink()
    assert toolchain.terraform() == str(tofu)


@pytest.mark.requirement("PLT-20", "PLT-24")
@pytest.mark.parametrize(("name", "version"), [("terraform", "1.5.7"), ("terraform", "1.6.3"), ("tofu", "1.5.9")])
def test_terraform_that_deploys_but_does_not_know_the_emulator_is_told_apart(
    machine: Path, name: str, version: str
) -> None:
    found = program(machine, name, version)
    assert toolchain.terraform() == str(found)
    with pytest.raises(Failure) as failure:
        toolchain.check_for_emulator(str(found))
    assert f"{name} is {version}: it deploys to AWS" in failure.value.problem
    assert "Terraform >= 1.6.4 or OpenTofu >= 1.6.0" in str(failure.value.do)


@pytest.mark.parametrize(("name", "version"), [("terraform", "1.6.4"), ("terraform", "1.11.4"), ("tofu", "1.6.0")])
def test_terraform_that_knows_the_emulator_is_taken(machine: Path, name: str, version: str) -> None:
    toolchain.check_for_emulator(str(program(machine, name, version)))


@pytest.mark.requirement("PLT-24")
def test_a_program_that_is_no_terraform_is_refused_by_what_it_says(machine: Path) -> None:
    path = machine / "terraform"
    path.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    path.chmod(0o755)
    with pytest.raises(Failure, match="broken"):
        toolchain.terraform()


@pytest.mark.requirement("PLT-23")
def test_a_mirror_is_found_and_used_for_the_provider_only(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setenv("TF_PLUGIN_MIRROR", str(machine / "mirror"))
    provider = machine / "mirror" / toolchain.PROVIDER
    (provider / "5.100.0" / "linux_amd64").mkdir(parents=True)
    assert str(machine / "mirror") in toolchain.write_cli_configuration()
    text = toolchain.CLI_CONFIGURATION.read_text()
    assert f'path    = "{machine / "mirror"}"' in text
    assert text.count(toolchain.PROVIDER) == 2  # included in the mirror, excluded from the registry
    assert toolchain.terraform_environment()["TF_CLI_CONFIG_FILE"] == str(toolchain.CLI_CONFIGURATION)


@pytest.mark.requirement("PLT-23")
def test_a_mirror_for_another_platform_is_not_taken(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "mirror_roots", lambda: iter([machine / "mirror"]))
    (machine / "mirror" / toolchain.PROVIDER / "5.100.0" / "plan9_mips").mkdir(parents=True)
    assert toolchain.write_cli_configuration() == "providers: from the registry"


@pytest.mark.requirement("PLT-23")
def test_a_configuration_of_the_persons_own_stays_in_charge(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = machine / "own.rc"
    own.write_text("disable_checkpoint = true\n")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", str(own))
    assert str(own) in toolchain.write_cli_configuration()
    assert toolchain.terraform_environment()["TF_CLI_CONFIG_FILE"] == str(own)


@pytest.mark.requirement("PLT-24")
def test_a_provider_that_is_not_to_be_had_is_named_with_the_two_ways_to_get_it(
    machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = machine / "terraform"
    failing.write_text(
        '#!/bin/sh\n[ "$1" = version ] && { echo \'{"terraform_version": "1.9.0"}\'; exit 0; }\n'
        "echo 'Error: could not query provider registry' >&2\nexit 1\n"
    )
    failing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{machine}:/usr/bin:/bin")
    with pytest.raises(Failure) as failure:
        toolchain.check_provider()
    assert "could not query provider registry" in failure.value.problem
    assert "TF_PLUGIN_MIRROR" in (failure.value.do or "")
    assert failure.value.status == 3


@pytest.mark.requirement("PLT-24")
def test_python_that_is_too_old_is_refused(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 10, 2))
    with pytest.raises(Failure, match=r"3\.11 or newer"):
        toolchain.set_up()


@pytest.mark.requirement("PLT-24")
def test_a_command_before_set_up_names_set_up(tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    shim = tools / "pipelines"
    shim.write_bytes((ROOT / "tools" / "pipelines").read_bytes())
    answer = subprocess.run(["/bin/sh", str(shim), "plan"], capture_output=True, text=True, check=False)
    assert answer.returncode == 3
    assert "make setup" in answer.stderr


@pytest.mark.requirement("PLT-22", "PLT-23")
def test_everything_is_installed_from_locks_with_hashes_into_the_projects_folder() -> None:
    for environment in (toolchain.DEVELOPMENT, toolchain.EMULATOR, toolchain.CHECKOV):
        assert environment.folder.parent == ROOT
        text = environment.lock.read_text()
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text)
        packages = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
        assert packages
        assert all("==" in line and line.endswith("\\") for line in packages)
    assert Path(sys.prefix) == toolchain.DEVELOPMENT.folder


@pytest.mark.requirement("PLT-22")
def test_ci_runs_what_the_readme_names_and_nothing_else() -> None:
    commands = [
        line
        for line in (ROOT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == [".ci/with-engine make test"]
    assert "make test" in (ROOT / "README.md").read_text()


@pytest.fixture
def environment(tmp_path: Path) -> toolchain.PythonEnvironment:
    """An environment that needs no package."""
    lock = tmp_path / "lock.txt"
    lock.write_text("")
    return toolchain.PythonEnvironment(tmp_path / ".venv", lock)


def test_what_a_killed_set_up_left_at_work_is_ended_and_said(
    environment: toolchain.PythonEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.python.parent.mkdir(parents=True)
    environment.python.write_text("#!/bin/sh\nsleep 600\n")
    environment.python.chmod(0o755)
    installing = subprocess.Popen([environment.python, "-m", "pip", "install"], start_new_session=True)
    try:
        wait_for(lambda: "-m pip" in processes.command_lines().get(installing.pid, ""), "the installer to begin")
        assert toolchain.build(environment)
        assert installing.wait(10) != 0
    finally:
        installing.kill()
    said = capsys.readouterr().out
    assert "ended pip, which a set-up that was killed had left at work in .venv" in said
    assert "removed .venv, which a set-up that was interrupted had not finished" in said
    assert toolchain.is_up_to_date(environment)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_set_up_leaves_nothing_at_work(tmp_path: Path, number: signal.Signals) -> None:
    begun = tmp_path / "begun"
    installer = f"open({str(begun)!r}, 'w'); __import__('time').sleep(600)"
    code = (
        "import sys; from tools import toolchain\n"
        f"toolchain.set_up = lambda: toolchain._run([sys.executable, '-c', {installer!r}], '-')\n"
        "sys.exit(toolchain.main())"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    wait_for(begun.exists, "the installer to begin", within_s=30)
    process.send_signal(number)
    _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, "set-up: interrupted; `make setup` builds what is missing\n")
    assert not [command for command in processes.command_lines().values() if str(begun) in command]
