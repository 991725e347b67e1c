"""What a person is told when images cannot be built, pushed or run here: with no engine at hand."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from docker.errors import APIError, ImageNotFound

from tools.errors import MISSING_ON_THIS_MACHINE, Failure
from tools.release import engine, images, manifest, publish
from tools.release.images import Registry, TagExistsError
from tools.release.manifest import AWS, EMULATOR, artefacts, of_images

REGISTRY = Registry("111111111111.dkr.ecr.us-east-1.amazonaws.com", "AWS", "secret")


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
    """An engine as far as these tests ask it: it has no image, and says `messages` when one is pushed."""

    def __init__(self, *messages: dict[str, str], reaches_registry: bool = False, **information: Any) -> None:
        self.images = self
        self.info = lambda: information
        self.messages = messages
        self.reaches_registry = reaches_registry

    def get(self, name: str) -> None:
        raise ImageNotFound(f"no image {name}")

    def pull(self, name: str, platform: str) -> None:
        if not self.reaches_registry:
            raise APIError("500 Server Error", explanation=f"lookup of the registry of {name}: no such host")

    def push(self, *_: Any, **__: Any) -> tuple[dict[str, str], ...]:
        return self.messages

    def tag(self, *_: Any) -> None: ...

    def remove(self, *_: Any, **__: Any) -> None: ...


def pushed(*messages: dict[str, str]) -> list[str]:
    fake: Any = Engine(*messages)
    return list(images.push(fake, fake, REGISTRY, "event-processing-dev", "event-trigger-12"))


def test_a_base_image_that_cannot_be_had_is_named_with_the_way_out() -> None:
    fake: Any = Engine()
    with pytest.raises(
        Failure, match=r"the base image cannot be had for linux/arm64: lookup of .* no such host"
    ) as caught:
        images.check_base(fake, manifest.base_image(), AWS)
    assert caught.value.where == manifest.base_image()
    assert "BASE_IMAGE" in (caught.value.do or "")


def test_each_layer_is_told_when_it_is_there() -> None:
    layers = [{"id": "0a", "status": "Pushing"}, {"id": "0a", "status": "Pushed"}]
    assert pushed(*layers, {"id": "0b", "status": "Layer already exists"}) == ["0a: pushed", "0b: layer already exists"]


@pytest.mark.parametrize(
    ("said", "do"),
    [
        ("denied: User is not authorized to perform: ecr:InitiateLayerUpload", "PutImage"),
        ("no basic auth credentials", "PutImage"),
        ("name unknown: The repository does not exist in the registry", "unit `data`"),
        ("dial tcp: i/o timeout", "connection"),
    ],
)
def test_a_registry_that_refuses_is_quoted_and_what_helps_is_said(said: str, do: str) -> None:
    with pytest.raises(Failure, match="the registry refuses the image") as caught:
        pushed({"error": said})
    assert said in caught.value.problem
    assert do in (caught.value.do or "")


@pytest.mark.requirement("EVT-31")
def test_a_tag_with_other_content_is_never_overwritten() -> None:
    said = "tag invalid: The image tag 'event-trigger-12' already exists and cannot be overwritten: it is immutable."
    with pytest.raises(TagExistsError, match="the tag exists with other content") as caught:
        pushed({"error": said})
    assert "describe-images" in (caught.value.do or "")


@pytest.mark.parametrize(
    "information",
    [{"OperatingSystem": "Docker Desktop"}, {"OperatingSystem": "Debian", "SecurityOptions": ["name=rootless"]}],
)
def test_an_engine_in_a_network_of_its_own_runs_nothing_of_the_emulator(information: dict[str, Any]) -> None:
    fake: Any = Engine(**information)
    with pytest.raises(Failure, match="containers do not reach the emulator"):
        engine.check_runs_here(fake)


class Ecr:
    """A registry with these tags; None for a repository that does not exist."""

    def __init__(self, tags: set[str] | None) -> None:
        self.tags = tags

    def batch_get_image(self, repositoryName: str, imageIds: list[dict[str, str]]) -> dict[str, list[str]]:  # noqa: N803
        if self.tags is None:
            raise ClientError({"Error": {"Code": "RepositoryNotFoundException"}}, "BatchGetImage")
        return {"images": [each["imageTag"] for each in imageIds if each["imageTag"] in self.tags]}


@pytest.mark.requirement("PLT-25")
def test_what_the_repository_holds_is_neither_built_nor_pushed_and_needs_no_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nothing.sock")
    ecr: Any = Ecr({each.tag for each in artefacts(AWS, ["payment-events"])})
    assert publish.publish_images(ecr, lambda _: "event-processing-dev", AWS, ["payment-events"], print) == []
    ecr = Ecr(set())
    with pytest.raises(Failure, match="container engine"):
        publish.publish_images(ecr, lambda _: "event-processing-dev", AWS, ["payment-events"], print)


def test_a_missing_repository_is_named_with_the_unit_that_makes_it() -> None:
    ecr: Any = Ecr(None)
    with pytest.raises(Failure, match="the repository event-processing-dev does not exist") as caught:
        publish.publish_images(ecr, lambda _: "event-processing-dev", AWS, ["payment-events"], print)
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
