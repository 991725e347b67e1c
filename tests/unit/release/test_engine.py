"""What a person is told when images cannot be built, pushed or run here: with no engine at hand."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

from tests.unit.release.registry import Registry
from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.release import engine, images, manifest, publish
from tools.release.manifest import AWS, EMULATOR, artefacts, of_images


def refusal(address: str, monkeypatch: pytest.MonkeyPatch) -> Failure:
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(Failure) as caught:
        engine.connect()
    assert caught.value.status == MISSING_ON_THIS_MACHINE
    assert "packaging: zip" in (caught.value.do or "")
    return caught.value


def test_a_machine_without_an_engine_is_told_how_to_install_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    failure = refusal(f"unix://{tmp_path}/nothing.sock", monkeypatch)
    assert "there is no container engine" in failure.problem
    assert "apt-get install docker.io" in (failure.do or "")


def test_an_engine_that_does_not_run_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dockerd").write_text("#!/bin/sh\n")
    (tmp_path / "dockerd").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    failure = refusal(f"unix://{tmp_path}/nothing.sock", monkeypatch)
    assert "does not answer" in failure.problem
    assert "systemctl start docker" in (failure.do or "")


def test_a_user_without_permission_is_told_the_group_to_join(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(tmp_path)  # the path of a socket has at most 108 characters
        listening.bind("engine.sock")
        monkeypatch.setattr(socket.socket, "connect", refuse)
        failure = refusal(f"unix://{tmp_path}/engine.sock", monkeypatch)
    assert "this user may not use the container engine" in failure.problem
    assert "usermod -aG docker" in (failure.do or "")


class Engine:
    """An engine as far as these tests ask it: it has no image, and reaches no registry."""

    def __init__(self, **information: Any) -> None:
        self.images = self
        self.info = lambda: information

    def get(self, name: str) -> None:
        raise ImageNotFound(f"no image {name}")

    def pull(self, name: str, platform: str) -> None:
        raise APIError("500 Server Error", explanation=f"lookup of the registry of {name}: no such host")


def test_a_base_image_that_cannot_be_had_is_named_with_the_way_out() -> None:
    fake: Any = Engine()
    with pytest.raises(
        Failure, match=r"the base image cannot be had for linux/arm64: lookup of .* no such host"
    ) as caught:
        images.check_base(fake, manifest.base_image(), AWS)
    assert caught.value.where == manifest.base_image()
    assert "BASE_IMAGE" in (caught.value.do or "")


@pytest.mark.parametrize(
    "information",
    [{"OperatingSystem": "Docker Desktop"}, {"OperatingSystem": "Debian", "SecurityOptions": ["name=rootless"]}],
)
def test_an_engine_in_a_network_of_its_own_runs_nothing_of_the_emulator(information: dict[str, Any]) -> None:
    fake: Any = Engine(**information)
    with pytest.raises(Failure, match="containers do not reach the emulator"):
        engine.check_runs_here(fake)


no_lambda: Any = None


@pytest.mark.requirement("PLT-25")
def test_what_the_repository_holds_is_neither_built_nor_pushed_and_needs_no_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nothing.sock")
    monkeypatch.setattr(publish, "FOLDER", tmp_path)
    ecr: Any = Registry(("event-processing-dev",))
    with pytest.raises(Failure, match="container engine"):
        publish.publish_images(ecr, no_lambda, lambda _: "event-processing-dev", AWS, ["payment-events"], print)
    every = artefacts(AWS, ["payment-events"])
    ecr.manifests["event-processing-dev"] = {each.tag: b"{}" for each in every}
    found = publish.publish_images(ecr, no_lambda, lambda _: "event-processing-dev", AWS, ["payment-events"], print)
    assert found == []


def test_a_missing_repository_is_named_with_the_unit_that_makes_it() -> None:
    ecr: Any = Registry(())
    with pytest.raises(Failure, match="the repository event-processing-dev does not exist") as caught:
        publish.publish_images(ecr, no_lambda, lambda _: "event-processing-dev", AWS, ["payment-events"], print)
    assert "payment-events/data" in (caught.value.do or "")


def test_an_image_lies_in_the_repository_of_its_function_or_in_that_of_the_system() -> None:
    [function, *_] = artefacts(AWS, ["payment-events"])
    assert publish.repositories_of({"repository": {"name": "event-processing-dev"}})(function) == "event-processing-dev"
    by_function = {"repositories": {function.function: {"name": "own"}}}
    assert publish.repositories_of(by_function)(function) == "own"
    with pytest.raises(Failure, match="no repository for the images"):
        publish.repositories_of({"table": {}})(function)


@pytest.mark.requirement("PLT-25")
def test_the_base_image_is_part_of_an_images_name_and_of_no_zips(monkeypatch: pytest.MonkeyPatch) -> None:
    before = artefacts(AWS)
    monkeypatch.setenv("BASE_IMAGE", "registry.example/python:3.11")
    for old, new in zip(before, artefacts(AWS), strict=True):
        assert (old.hash, old.key) == (new.hash, new.key)
        assert old.tag != new.tag


def test_images_of_the_emulator_are_for_this_machine_and_the_functions_python() -> None:
    assert (of_images(AWS), of_images(EMULATOR).python) == (AWS, AWS.python)
    assert of_images(EMULATOR).architecture == EMULATOR.architecture
