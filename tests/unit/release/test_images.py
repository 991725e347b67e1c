"""Images that an engine really builds; without one, these tests say why they did not run."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator

import pytest

from tests import engine
from tools.errors import Failure
from tools.release import images, manifest
from tools.release.manifest import AWS, EMULATOR_IMAGES, Artefact, artefacts

# ELF's number of an architecture: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html, e_machine
ELF_ARM64 = 183


@pytest.fixture
def empty_base() -> Iterator[str]:
    """A base image for arm64 that holds nothing: what is put on it is looked at, and not run."""
    name = "test-empty-base:arm64"
    engine.build({"Dockerfile": "FROM scratch\nCOPY nothing /\n", "nothing": ""}, AWS, name)
    yield name
    engine.connected().images.remove(name)


@pytest.fixture
def artefact() -> Artefact:
    return next(each for each in artefacts(AWS, ["csv-upload"]) if each.function == "csv-validator")


@pytest.mark.requirement("EVT-20", "CSV-20", "PLT-25")
def test_two_builds_of_an_image_for_arm64_have_the_same_layers_with_wheels_for_arm64(
    empty_base: str, artefact: Artefact
) -> None:
    client = engine.connected()
    first, second = (images.build(client, artefact, AWS, empty_base, cached=False) for _ in range(2))
    try:
        assert first.id != second.id  # an image holds when it was built
        assert first.attrs["RootFS"]["Layers"] == second.attrs["RootFS"]["Layers"]
        assert (second.attrs["Os"], second.attrs["Architecture"]) == ("linux", "arm64")
        assert second.attrs["Config"]["Cmd"] == ["functions.csv_upload.csv_validator.handler"]
        files = contents(b"".join(second.save()))
    finally:
        client.images.remove(str(first.id), force=True)
        client.images.remove(str(second.id), force=True)
    assert "var/task/functions/csv_upload/csv_validator.py" in files
    assert "var/task/functions/csv_upload/__pycache__/csv_validator.cpython-311.pyc" in files
    assert "var/task/functions/payment_events/event_trigger.py" not in files
    compiled = {name: content for name, content in files.items() if name.endswith(".so")}
    assert compiled
    assert {int.from_bytes(content[18:20], "little") for content in compiled.values()} == {ELF_ARM64}


def contents(image: bytes) -> dict[str, bytes]:
    """All files of an image that an engine saved, in all of its layers."""
    found: dict[str, bytes] = {}
    with tarfile.open(fileobj=io.BytesIO(image)) as outer:
        described = outer.extractfile("manifest.json")
        assert described
        for layer in json.loads(described.read())[0]["Layers"]:
            file = outer.extractfile(layer)
            assert file
            with tarfile.open(fileobj=io.BytesIO(file.read())) as inner:
                for entry in inner:
                    if entry.isfile() and (content := inner.extractfile(entry)):
                        found[entry.name] = content.read()
                    assert (entry.uid, entry.gid) == (0, 0)
    return found


def test_a_base_image_that_nobody_has_stops_the_build(artefact: Artefact) -> None:
    with pytest.raises(Failure, match="the base image cannot be had for linux/arm64"):
        images.build(engine.connected(), artefact, AWS, "registry.invalid/lambda/python:3.11")


@pytest.mark.requirement("PLT-25")
def test_byte_code_of_the_emulators_images_is_of_the_functions_python(artefact: Artefact) -> None:
    with tarfile.open(fileobj=images.context(artefact, EMULATOR_IMAGES)) as tar:
        names = tar.getnames()
    version = manifest.AWS.python.replace(".", "")
    assert f"sources/var/task/functions/csv_upload/__pycache__/csv_validator.cpython-{version}.pyc" in names
    assert all(name.startswith(("libraries", "sources")) or name == "Dockerfile" for name in names)
