"""An image is built once; every registry gets that image, and one that holds another image is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.release import registry as stand_in
from tests.unit.release.registry import Image, Registry, digest, tar
from tools.errors import Failure
from tools.release import built, image_files, publish
from tools.release.manifest import AWS, Artefact, artefacts
from tools.release.registry import TagExistsError

REPOSITORY = "event-processing"
BASE, CODE = tar({"bin/python": b"python"}), tar({"var/task/one.py": b"def handler(): ..."})


@pytest.fixture
def artefact() -> Artefact:
    return artefacts(AWS, ["payment-events"])[0]


@pytest.fixture
def one_artefact(artefact: Artefact, monkeypatch: pytest.MonkeyPatch) -> Artefact:
    """The only artefact of its system."""
    monkeypatch.setattr(publish, "artefacts", lambda *_: [artefact])
    return artefact


@pytest.fixture
def registries() -> Iterator[tuple[Registry, Registry]]:
    """Those of two accounts, or of two regions of one."""
    with stand_in.running(REPOSITORY) as first, stand_in.running(REPOSITORY) as second:
        yield first, second


def keep(image: Image, artefact: Artefact, folder: Path) -> image_files.ImageFile:
    engines: Any = image
    return image_files.keep(engines, artefact, folder)


def promote(registry: Registry, folder: Path) -> list[Artefact]:
    ecr: Any = registry
    no_lambda: Any = None
    return publish.publish_images(ecr, no_lambda, lambda _: REPOSITORY, AWS, ["payment-events"], lambda _: None, folder)


def held(registry: Registry, artefact: Artefact) -> str:
    return digest(registry.manifests[REPOSITORY][artefact.tag])


@pytest.mark.requirement("PLT-50", "PLT-25")
def test_every_registry_gets_the_released_image_with_the_same_digest(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    image = keep(Image((BASE, CODE)), one_artefact, tmp_path)
    for registry in registries:
        assert promote(registry, tmp_path) == [one_artefact]
        assert held(registry, one_artefact) == image.digest
        described = json.loads(registry.manifests[REPOSITORY][one_artefact.tag])
        blobs = registry.blobs[REPOSITORY]
        assert [gzip.decompress(blobs[layer["digest"]]) for layer in described["layers"]] == [BASE, CODE]
        configuration = json.loads(blobs[described["config"]["digest"]])
        assert configuration["config"] == {"Cmd": ["functions.one.handler"], "Env": ["PATH=/bin"]}
        assert configuration["rootfs"]["diff_ids"] == [digest(BASE), digest(CODE)]


@pytest.mark.requirement("PLT-50")
def test_what_a_registry_holds_is_not_pushed_again(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    keep(Image((BASE, CODE)), one_artefact, tmp_path)
    promote(registries[0], tmp_path)
    uploads = registries[0].uploads
    assert promote(registries[0], tmp_path) == []
    assert registries[0].uploads == uploads


def test_a_layer_that_a_repository_holds_is_not_pushed_again(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    image = keep(Image((BASE, CODE)), one_artefact, tmp_path)
    base, *_ = image.parts()
    registries[0].blobs[REPOSITORY] = {base[0]: base[1].read_bytes()}
    promote(registries[0], tmp_path)
    assert registries[0].uploads == 2  # the code, and the configuration


@pytest.mark.requirement("PLT-50")
def test_a_later_release_of_the_same_sources_is_the_same_image(artefact: Artefact, tmp_path: Path) -> None:
    first = keep(Image((BASE, CODE)), artefact, tmp_path / "first")
    second = keep(Image((BASE, CODE), built="2026-12-01T10:00:00Z"), artefact, tmp_path / "second")
    assert first.digest == second.digest


@pytest.mark.requirement("PLT-50", "EVT-31")
@pytest.mark.parametrize("other", [Image((BASE, BASE)), Image((BASE, CODE), command="other.handler")])
def test_a_registry_with_another_image_under_the_tag_is_refused(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path, other: Image
) -> None:
    strange = keep(other, one_artefact, tmp_path / "other")
    promote(registries[0], tmp_path / "other")
    released = keep(Image((BASE, CODE)), one_artefact, tmp_path / "release")
    with pytest.raises(TagExistsError) as caught:
        promote(registries[0], tmp_path / "release")
    assert strange.digest in caught.value.problem
    assert released.digest in caught.value.problem
    assert "IMAGE_FORMAT" in (caught.value.do or "")
    assert held(registries[0], one_artefact) == strange.digest


def test_a_registry_that_keeps_something_else_than_was_pushed_is_found_out(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(Image((BASE, CODE)), one_artefact, tmp_path)
    monkeypatch.setattr(publish, "push", lambda *_: iter(()))
    with pytest.raises(TagExistsError, match="nothing is there, and sha256:"):
        promote(registries[0], tmp_path)


@pytest.mark.requirement("PLT-50")
def test_a_promotion_builds_nothing(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        pytest.fail("built something")

    monkeypatch.setattr(publish, "build_images", refuse)
    with pytest.raises(Failure, match=f"the release has no image of payment-events/{one_artefact.function}") as caught:
        promote(registries[0], tmp_path)
    assert "release build" in (caught.value.do or "")
    assert registries[0].uploads == 0


@pytest.mark.requirement("PLT-50")
def test_a_zip_that_was_not_released_is_not_built_for_an_apply(
    one_artefact: Artefact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "_exists", lambda *_: False)
    s3: Any = None
    with pytest.raises(Failure, match=f"the release has no zip of payment-events/{one_artefact.function}"):
        publish.publish(s3, "artifacts", AWS, ["payment-events"], tmp_path)


def test_an_image_that_was_built_is_not_built_again_and_needs_no_engine(
    artefact: Artefact, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nothing.sock")
    with pytest.raises(Failure, match="container engine"):
        built.build_images([artefact], AWS, print, tmp_path)
    keep(Image((BASE, CODE)), artefact, tmp_path)
    assert built.build_images([artefact], AWS, print, tmp_path) == []


def test_a_layer_that_the_registry_of_the_base_had_compressed_stays_as_it_is(
    artefact: Artefact, tmp_path: Path
) -> None:
    compressed = gzip.compress(BASE, 1, mtime=7)
    image = keep(Image((BASE, CODE), saved=(compressed, CODE)), artefact, tmp_path)
    assert image.parts()[0][1].read_bytes() == compressed


def test_a_layer_of_another_form_is_refused(artefact: Artefact, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="neither a tar nor compressed with gzip"):
        keep(Image((b"\x28\xb5\x2f\xfd" + bytes(1024),)), artefact, tmp_path)
    assert image_files.find(artefact, tmp_path) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("answer", "do"),
    [
        ((403, "denied: User is not authorized to perform: ecr:InitiateLayerUpload"), "PutImage"),
        ((401, "no basic auth credentials"), "PutImage"),
        ((404, "name unknown: The repository does not exist in the registry"), "unit `data`"),
        ((500, "try again later"), "connection"),
    ],
)
def test_a_registry_that_refuses_is_quoted_and_what_helps_is_said(
    one_artefact: Artefact,
    registries: tuple[Registry, Registry],
    tmp_path: Path,
    answer: tuple[int, str],
    do: str,
) -> None:
    keep(Image((BASE, CODE)), one_artefact, tmp_path)
    registries[0].refuses = answer
    with pytest.raises(Failure, match="the registry refuses the image") as caught:
        promote(registries[0], tmp_path)
    assert answer[1] in caught.value.problem
    assert do in (caught.value.do or "")
    assert "secret" not in str(caught.value)


@pytest.mark.requirement("EVT-31")
def test_a_tag_that_a_registry_does_not_overwrite_is_told_as_such(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    keep(Image((BASE, CODE)), one_artefact, tmp_path)
    registries[0].refuses = (400, "The image tag 'event-trigger-12' already exists, and the tag is immutable.")
    with pytest.raises(TagExistsError, match="the tag exists with other content"):
        promote(registries[0], tmp_path)


def test_a_registry_that_cannot_be_reached_is_told(
    one_artefact: Artefact, registries: tuple[Registry, Registry], tmp_path: Path
) -> None:
    keep(Image((BASE, CODE)), one_artefact, tmp_path)
    registries[0].address = "http://127.0.0.1:9"
    with pytest.raises(Failure, match="the registry refuses the image") as caught:
        promote(registries[0], tmp_path)
    assert "connection" in (caught.value.do or "")


def test_a_registry_behind_a_proxy_is_reached_through_it(
    one_artefact: Artefact,
    registries: tuple[Registry, Registry],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = keep(Image((BASE, CODE)), one_artefact, tmp_path)
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, registries[0].address)
    registries[0].address = "http://registry.invalid"
    promote(registries[0], tmp_path)
    assert held(registries[0], one_artefact) == image.digest
