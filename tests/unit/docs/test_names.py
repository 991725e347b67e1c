"""A name in backticks that the repository does not have is found, with its page, its line and the closest real name."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.docs.names import EXCEPTIONS, Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "Makefile").write_text("ENV = dev\n\nplan: ## What would change\n")
    (tmp_path / "modules" / "queue").mkdir(parents=True)
    (tmp_path / "modules" / "queue" / "main.tf").write_text('name = "event-processing-bus-dlq"\nretention_days = 14\n')
    (tmp_path / "README.md").write_text("# Ours\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    return Repository(tmp_path)


def problems(repository: Repository, text: str) -> list[str]:
    (repository.root / "README.md").write_text(text)
    return [str(problem) for problem in repository.problems()]


@pytest.mark.parametrize(
    "text",
    [
        "`modules/queue/main.tf`, `queue/main.tf`, `main.tf` and `modules/queue/`",
        "`modules/<module>/{main,main}.tf` and `*.tf`",
        "`retention_days`, `retention_days = 14`, `event-processing-bus-dlq-<suffix>`",
        "`make plan ENV=prod`",
    ],
)
def test_a_name_that_is_there_is_no_problem(repository: Repository, text: str) -> None:
    assert problems(repository, text) == []


@pytest.mark.parametrize(
    ("name", "closest"),
    [
        ("modules/queue/man.tf", "modules/queue/main.tf"),
        ("modules/queues/", "modules/queue"),
        ("retention_day", "retention_days"),
        ("retention_dais = 14", "retention_days"),
        ("event-procesing-bus-dlq-<suffix>", "event-processing-bus-dlq"),
        ("make pln", "make plan"),
        ("make plan ENVIRONMENT=prod", None),
    ],
)
def test_a_misspelt_name_is_found_with_the_closest_one(repository: Repository, name: str, closest: str | None) -> None:
    [problem] = problems(repository, f"# Ours\n\nSee `{name}`.\n")
    assert problem.startswith("README.md, line 3: ")
    assert closest is None or problem.endswith(f"; `{closest}` is")


def test_a_command_in_a_block_is_looked_up_and_what_is_generated_is_not(repository: Repository) -> None:
    text = "```sh\nmake plan\nmake pan # no target\n```\n<!-- BEGIN A -->\n`nowhere`\n<!-- END A -->\n"
    assert problems(repository, text) == ["README.md, line 3: `make pan` is nowhere in the repository; `make plan` is"]


def test_every_name_on_every_page_is_one_that_the_repository_has() -> None:
    assert [str(problem) for problem in Repository().problems()] == []


def test_every_exception_is_needed() -> None:
    repository = Repository()
    text = "".join((repository.root / page).read_text() for page in repository.pages())
    assert [name for name in EXCEPTIONS if f"`{name}`" not in text] == []
