"""The list of accepted findings is what the modules skip."""

from __future__ import annotations

from pathlib import Path

from tools.docs import skips
from tools.docs.skips import Skip


def test_every_skip_is_listed_with_its_place_and_reason(tmp_path: Path) -> None:
    module = tmp_path / "modules" / "bucket"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(
        'resource "aws_s3_bucket" "this" {\n'
        "  #checkov:skip=CKV_AWS_144:Each region keeps its own\n"
        "  # checkov:skip=CKV_AWS_18: Reads are no secret \n}\n"
    )
    assert skips.skips(tmp_path) == [
        Skip("CKV_AWS_144", "modules/bucket/main.tf", "Each region keeps its own"),
        Skip("CKV_AWS_18", "modules/bucket/main.tf", "Reads are no secret"),
    ]


def test_the_page_lists_every_skip_of_the_repository() -> None:
    page = skips.PAGE.read_text(encoding="utf-8")
    assert "\n".join(skips.render()) in page
    assert all(f"| `{skip.check}` | `{skip.file}` |" in page for skip in skips.skips())
