"""An image that an engine built once is the same in the registries of every account and region."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests import engine
from tests.emulator.fidelity.account import Account
from tools.emulator import control
from tools.release import built, image_files, publish
from tools.release.manifest import EMULATOR, Artefact, artefacts
from tools.release.registry import TagExistsError

REPOSITORY = "csv-validator"
REGIONS = ("us-east-1", "eu-west-1")


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Artefact, Path]:
    """One artefact whose image was built, and the folder with it."""
    monkeypatch.setenv("BASE_IMAGE", engine.standin())
    artefact = next(each for each in artefacts(EMULATOR, ["csv-upload"]) if each.function == "csv-validator")
    assert built.build_images([artefact], EMULATOR, print, tmp_path) == [artefact]
    monkeypatch.setattr(publish, "artefacts", lambda *_: [artefact])
    return artefact, tmp_path


def promote(ecr: Any, folder: Path) -> list[Artefact]:
    no_lambda: Any = None
    return publish.publish_images(ecr, no_lambda, lambda _: REPOSITORY, EMULATOR, ["csv-upload"], print, folder)


@pytest.mark.requirement("PLT-50", "CSV-20")
def test_the_released_digest_is_in_every_registry_and_another_one_is_refused(
    released: tuple[Artefact, Path], emulator: control.Emulator | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if emulator is None:
        pytest.skip("registries of several accounts are on the emulator only")
    artefact, folder = released
    image = image_files.find(artefact, folder)
    assert image
    monkeypatch.setenv("DOCKER_HOST", "unix:///nothing.sock")  # a promotion needs no engine
    dev, prod = Account(emulator), Account(emulator)
    for account in (dev, prod):
        for region in REGIONS:
            ecr = emulator.client("ecr", account.id, region)
            ecr.create_repository(repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE")
            assert promote(ecr, folder) == [artefact]
            [there] = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
            assert (there["imageDigest"], there["imageTags"]) == (image.digest, [artefact.tag])
            assert promote(ecr, folder) == []
    ecr = Account(emulator).client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY, imageTagMutability="IMMUTABLE")
    strange = image.manifest.replace(image.content.encode(), f"sha256:{'0' * 64}".encode())
    ecr.put_image(repositoryName=REPOSITORY, imageTag=artefact.tag, imageManifest=strange.decode())
    with pytest.raises(TagExistsError, match=f"{image.digest} was released"):
        promote(ecr, folder)
