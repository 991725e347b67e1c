"""The subset of Terragrunt's configuration that units may use: its blocks, and what each of them says.

The subset: labelled `include` blocks with known paths, `locals`, `inputs`, `remote_state` on S3, `generate`,
`dependency`, `errors` with `ignore`, `terraform` with a local source and before and after hooks. Everything else is
refused by name, with file and line: a stand-in that ignored it would deploy something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SUBSET: Final = "keep to the subset that tools/livetree/reading/subset.py lists, or use Terragrunt itself"


class Part(BaseModel):
    """What one block says."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class GeneratedFile(Part):
    """A `generate` block: a file that is written into the folder where Terraform runs."""

    path: str
    contents: str
    if_exists: Literal["overwrite", "overwrite_terragrunt", "skip", "error"]
    disable_signature: bool = False


class BackendFile(Part):
    path: str
    if_exists: Literal["overwrite", "overwrite_terragrunt", "skip", "error"]


class BackendSettings(BaseModel):
    """`remote_state.config`. A setting without a field here goes into the backend's block as it is."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)

    bucket: str
    key: str
    region: str
    dynamodb_table: str

    @property
    def kms_key(self) -> str | None:
        """The alias of the key that encrypts the states, where the back end names one."""
        return (self.model_extra or {}).get("kms_key_id")


class RemoteState(Part):
    backend: Literal["s3"]
    generate: BackendFile
    config: BackendSettings


class Hook(Part):
    """A program that runs before or after the named commands, by default in the folder where Terraform runs."""

    commands: list[str]
    execute: list[str] = Field(min_length=1)
    working_dir: str | None = None
    run_on_error: bool = False
    if_: bool = Field(default=True, alias="if")


class Dependency(Part):
    """A unit whose outputs this one reads. For the named commands mocks replace them until that unit is applied.

    With a merge strategy the mocks also replace outputs that an applied unit does not have yet.
    """

    config_path: str
    mock_outputs: dict[str, Any] | None = None
    mock_outputs_allowed_terraform_commands: list[str] = []
    mock_outputs_merge_strategy_with_state: Literal["no_merge", "shallow", "deep_map_only"] = "no_merge"


class Dependencies(Part):
    """Units that come before this one, though it does not read their outputs."""

    paths: list[str]


class Exclude(Part):
    """Leaves a folder out of runs over all units. The root configuration, which is not a unit, leaves itself out."""

    if_: bool = Field(alias="if")
    actions: list[Literal["all"]]


class Ignored(Part):
    """Errors of a hook or of Terraform that do not fail a run, by regular expression; `message` says why."""

    ignorable_errors: list[str]
    message: str


class TerraformBlock(Part):
    source: str | None = None


class _Include(Part):
    path: str
    merge_strategy: Literal["shallow", "deep"] = "shallow"


@dataclass(frozen=True)
class Shape:
    """What a block of the subset may hold: its attributes, its number of labels, the blocks inside."""

    attributes: type[Part] | None
    labels: int = 0
    blocks: frozenset[str] = frozenset()


SHAPES: Final[Mapping[str, Shape]] = {
    "include": Shape(_Include, labels=1),
    "locals": Shape(None),
    "remote_state": Shape(RemoteState),
    "generate": Shape(GeneratedFile, labels=1),
    "dependencies": Shape(Dependencies),
    "dependency": Shape(Dependency, labels=1),
    "errors": Shape(Part, blocks=frozenset({"ignore"})),
    "exclude": Shape(Exclude),
    "ignore": Shape(Ignored, labels=1),
    "terraform": Shape(TerraformBlock, blocks=frozenset({"before_hook", "after_hook"})),
    "before_hook": Shape(Hook, labels=1),
    "after_hook": Shape(Hook, labels=1),
}
TOP_BLOCKS: Final = frozenset(
    {"include", "locals", "remote_state", "generate", "dependencies", "dependency", "errors", "exclude", "terraform"}
)
TOP_ATTRIBUTES: Final = frozenset({"inputs"})
