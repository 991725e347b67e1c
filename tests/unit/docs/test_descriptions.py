"""Every input, field and output of a module says what it is, in a few words."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools.docs import descriptions, tables
from tools.errors import Failure
from tools.livetree.reading.source import Source
from tools.project import ROOT


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """A copy of a module with fields, descriptions and outputs."""
    return Path(shutil.copytree(ROOT / "modules" / "queue", tmp_path / "queue"))


def change(file: Path, old: str, new: str) -> int:
    """Replace the only occurrence of a text; returns its line."""
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))
    return text[: text.index(old)].count("\n") + 1


def test_a_module_with_a_description_everywhere_has_no_fault(module: Path) -> None:
    descriptions.require([module])


@pytest.mark.requirement("PLT-02")
def test_a_field_without_a_comment_is_named_with_its_line_and_what_to_do(module: Path) -> None:
    line = change(module / "variables.tf", " # a key of yours; its policy must admit each of `senders`", "")
    with pytest.raises(Failure, match=r"encryption\.kms_key_arn has no description") as failure:
        descriptions.require([module])
    assert str(failure.value.where).endswith(f"variables.tf, line {line}")
    assert "a comment at the end of its line" in str(failure.value.do)


@pytest.mark.parametrize(
    ("file", "said"),
    [("variables.tf", "name has no description"), ("outputs.tf", "output queue has no description")],
)
def test_an_empty_description_is_no_description(module: Path, file: str, said: str) -> None:
    old = {"variables.tf": "Name of the queue, without the suffix: at most 63 characters.", "outputs.tf": "The queue."}
    line = change(module / file, f'"{old[file]}"', '""')
    with pytest.raises(Failure, match=said) as failure:
        descriptions.require([module])
    assert str(failure.value.where).endswith(f"{file}, line {line - 1}")


def test_a_description_over_160_characters_is_refused(module: Path) -> None:
    old = "Name of the queue, without the suffix: at most 63 characters."
    change(module / "variables.tf", old, "x" * 160)
    descriptions.require([module])
    change(module / "variables.tf", "x" * 160, "x" * 161)
    with pytest.raises(Failure, match="the description of name has 161 characters"):
        descriptions.require([module])


def test_the_architecture_describes_every_field_of_the_context_that_a_composition_reads() -> None:
    page = ROOT / "docs" / "architecture.md"
    block = page.read_text().partition("```hcl\n")[2].partition("\n}\n")[0] + "\n}\n"
    described = {row.name for row in tables.inputs(Source(page, block)) if row.description}
    read = {
        row.name
        for module in tables.modules(ROOT / "modules" / "systems")
        for row in tables.inputs(Source.read(module / "variables.tf"))
        if row.name.startswith("context.")
    }
    assert read - described == set()
