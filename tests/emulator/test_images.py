"""payment-events and csv-upload from container images: built, pushed to the registry, deployed, and at work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import engine
from tests.emulator.conftest import Environment, System
from tests.emulator.csv_upload_system import CsvUploadSystem
from tools.demo.notifications import Notifications
from tools.livetree.layout import Place
from tools.release.manifest import EMULATOR, artefacts
from tools.release.publish import repositories_of

SYSTEMS = ("csv-upload", "payment-events")


@pytest.fixture(scope="module")
def from_images(dev: Environment) -> Iterator[Environment]:
    """live/dev, whose functions of both systems run from images; from zips again afterwards, for the other tests."""
    if dev.target.emulator is None:
        pytest.skip("images for an account are built by an apply on it")
    engine.standin()
    try:
        _apply(dev, "image")
        yield dev
    finally:
        _apply(dev, "zip")


def _apply(environment: Environment, packaging: str) -> None:
    environment.set("PACKAGING", packaging)
    for system in SYSTEMS:
        environment.one_unit(f"us-east-1/{system}/service", "apply", "-auto-approve")


def outputs(environment: Environment, system: str, unit: str) -> dict[str, Any]:
    return environment.target.outputs(Place("dev", "us-east-1", system, unit))


@pytest.mark.requirement("EVT-20", "EVT-31", "CSV-20", "PLT-25")
@pytest.mark.timeout(900)
def test_events_and_files_pass_through_functions_of_images(
    from_images: Environment, payment_events: System, csv_upload: CsvUploadSystem, make: Notifications
) -> None:
    aws_lambda = from_images.target.client("lambda", "us-east-1")
    ecr = from_images.target.client("ecr", "us-east-1")
    for system in SYSTEMS:
        repositories = repositories_of(outputs(from_images, system, "data"))
        tags = {f"{repositories(each)}:{each.tag}" for each in artefacts(EMULATOR, [system])}
        for each in artefacts(EMULATOR, [system]):
            ecr.describe_images(repositoryName=repositories(each), imageIds=[{"imageTag": each.tag}])  # or it raises
        functions = outputs(from_images, system, "service")["functions"].values()
        codes = [aws_lambda.get_function(FunctionName=function["name"])["Code"] for function in functions]
        assert {code["ImageUri"].partition("/")[2] for code in codes} == tags
    for notification in make.valid(8):
        payment_events.deployed.publish(notification.text)
        for event_id in notification.event_ids:
            assert payment_events.enriched(event_id)["status"] == "ENRICHED"
    upload = csv_upload.ended(csv_upload.upload(csv_upload.csv(csv_upload.rows(3))))
    assert upload["state"] == "COMPLETED"
