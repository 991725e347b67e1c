"""Units of the live tree: their files, and the units that come before them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.errors import WRONG_INPUT, Failure
from tools.livetree.layout import UNIT_FILE
from tools.livetree.reading.configuration import Configuration, ConfigurationFile, merge
from tools.livetree.reading.expressions import View, constant
from tools.livetree.reading.source import Source
from tools.livetree.reading.subset import SUBSET
from tools.project import display


class Unit:
    """A unit: its files in the order in which they are merged (includes first), and the values of their expressions."""

    def __init__(
        self, repository: Path, folder: Path, tag: str, environment: Mapping[str, str], command: tuple[str, ...] = ()
    ) -> None:
        self.repository = repository
        self.folder = folder
        self.tag = tag
        self.name = str(folder.relative_to(repository))
        self.environment = self.name.split("/")[1]
        self._variables = environment
        self._command = command
        self.dependencies_local = f"{tag}_dependencies"
        self.values: dict[str, Any] = {}
        own = folder / UNIT_FILE
        if not own.is_file():
            raise Failure(
                f"{display(folder)} is no unit: it has no {UNIT_FILE}",
                where=display(folder),
                do="name a folder live/<environment>/<region>/<system>/<unit>, or use run-all in one above it",
                status=WRONG_INPUT,
            )
        source = Source.read(own)
        self.files = [
            ConfigurationFile(included, view, f"{tag}_{number}", self.dependencies_local, merge=strategy)
            for number, (included, view, strategy) in enumerate(self._includes(source))
        ]
        self.files.append(ConfigurationFile(source, self._view(folder), f"{tag}_own", self.dependencies_local))
        self._refuse_twins()

    def _view(self, included: Path) -> View:
        return View(self.repository, self.folder, included, self._variables, self._command)

    def _includes(self, own: Source) -> Iterator[tuple[Source, View, str]]:
        view = self._view(self.folder)
        for block in own.body.named("include"):
            attributes = block.body.attributes
            if "path" not in attributes:
                raise own.failure(block.span[0], "an include without a path", "name the file that it includes")
            path = Path(os.path.normpath(self.folder / constant(own, attributes["path"], view)))
            strategy = "shallow"
            if "merge_strategy" in attributes:
                strategy = constant(own, attributes["merge_strategy"], view)
            if strategy not in ("shallow", "deep"):
                at = block.body.places["merge_strategy"].name
                raise own.failure(
                    at, f"merge_strategy {strategy} is outside the subset that the stand-in reads", SUBSET
                )
            if not path.is_file():
                raise own.failure(
                    block.body.places["path"].name, f"{display(path)} does not exist", "correct the include's path"
                )
            yield Source.read(path), self._view(path.parent), strategy

    def _refuse_twins(self) -> None:
        """Refuse a name in two files where Terragrunt does (`generate`), or would merge the blocks (deep includes)."""
        deep = any(file.merge == "deep" for file in self.files)
        seen: dict[tuple[str, ...], str] = {}
        for file in self.files:
            for block in file.body.blocks:
                if block.kind != "generate" and not (block.kind == "dependency" and deep):
                    continue
                name = (block.kind, *block.labels)
                if twin := seen.get(name):
                    raise file.source.failure(
                        block.span[0],
                        f'{block.kind} "{block.labels[0]}" is defined at {twin} already',
                        "rename one of them",
                    )
                seen[name] = file.source.where(block.span[0])

    def dependencies(self) -> dict[str, Path]:
        """The folders of the units whose outputs this one reads, by the names that it gives them.

        Raises Failure with file and line when a folder is not a unit.
        """
        return {
            name: self._unit_at(dependency.config_path, "dependency", (name,), "config_path")
            for name, dependency in self.configuration().dependencies.items()
        }

    def comes_after(self) -> list[Path]:
        """The folders of all units that come before this one; raises as `dependencies` does."""
        others = (self._unit_at(path, "dependencies", (), "paths") for path in self.configuration().comes_after)
        return [*self.dependencies().values(), *others]

    def _unit_at(self, path: str, block_type: str, labels: tuple[str, ...], attribute: str) -> Path:
        folder = Path(os.path.normpath(self.folder / path))
        if (folder / UNIT_FILE).is_file():
            return folder
        source, block = next(
            (file.source, block)
            for file in reversed(self.files)
            for block in file.body.named(block_type)
            if block.labels == labels
        )
        raise source.failure(
            block.body.places[attribute].name,
            f"{display(folder)} is no unit, and {self.name} depends on it",
            f"correct {attribute}, or add the unit",
        )

    def configuration(self) -> Configuration:
        """What the files say together, as far as values are known."""
        *includes, own = self.files
        together = own.configuration(self.values)
        for file in reversed(includes):
            together = merge(file.configuration(self.values), together, deep=file.merge == "deep")
        return together
