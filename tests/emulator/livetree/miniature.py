"""The live tree of this repository, with compositions that deploy next to nothing: what is done to it shows fast.

The root configuration, the units and their dependencies are the repository's own. A composition is one `terraform_data`
with the outputs that its mocks imitate, and states are put where an apply would have put them.
"""

from __future__ import annotations

import json
import secrets
import shutil
import stat
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tools.emulator import control
from tools.livetree.layout import SHARED_SYSTEM
from tools.project import ROOT, files
from tools.toolchain import CLI_CONFIGURATION

_COMPOSITION = """\
variable "context" {
  type = object({ suffix = string })
}

variable "data" {
  type    = any
  default = null
}

variable "network" {
  type    = any
  default = null
}

variable "service" {
  type    = any
  default = null
}

resource "terraform_data" "this" {
  input = var.context.suffix
}
"""
_OUTPUT = """
output "%s" {
  value = jsondecode(%s)
}
"""
# Releases are another story: these hooks succeed, and the unit's own is the repository's.
_PIPELINES = """\
#!/bin/sh
if [ "$1" = release ]; then
  echo "$@" >> "{notes}"
  exit 0
fi
exec "{pipelines}" "$@"
"""
_STATE: dict[str, Any] = {
    "version": 4,
    "terraform_version": "1.5.0",
    "serial": 1,
    "resources": [
        {
            "mode": "managed",
            "type": "terraform_data",
            "name": "this",
            "provider": 'provider["terraform.io/builtin/terraform"]',
            "instances": [
                {
                    "schema_version": 0,
                    "attributes": {
                        "id": "made",
                        "input": {"value": "made", "type": "string"},
                        "output": {"value": "made", "type": "string"},
                        "triggers_replace": None,
                    },
                }
            ],
        }
    ],
}


class Miniature:
    """A copy of the live tree in a repository of its own, each environment in an account of its own."""

    def __init__(self, root: Path, emulator: control.Emulator) -> None:
        self.root = root
        self.emulator = emulator
        self.notes = root / "notes"
        for file in files("terragrunt.hcl", "live"):
            copied = root / file.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, copied)
        subprocess.run(["git", "init", "--quiet", str(root)], check=True)
        pipelines = root / "tools" / "pipelines"
        pipelines.parent.mkdir()
        pipelines.write_text(_PIPELINES.format(notes=self.notes, pipelines=ROOT / "tools" / "pipelines"))
        pipelines.chmod(pipelines.stat().st_mode | stat.S_IXUSR)
        self.accounts: dict[str, str] = {}
        for settings in sorted(root.glob("live/*/environment.yaml")):
            account = str(100_000_000_000 + secrets.randbelow(899_999_999_999))
            self.accounts[settings.parent.name] = account
            text = settings.read_text()
            settings.write_text(text.replace(yaml.safe_load(text)["account_id"], account))
        for system, unit in {tuple(place.split("/")[-2:]) for place in self.units("dev")}:
            self._write_composition(system, unit)

    def _write_composition(self, system: str, unit: str) -> None:
        folder = self.root / "modules" / "systems" / system / unit
        folder.mkdir(parents=True)
        outputs = self._outputs(system, unit)
        text = _COMPOSITION + "".join(_OUTPUT % (name, json.dumps(json.dumps(outputs[name]))) for name in outputs)
        (folder / "main.tf").write_text(text)
        (folder / "mock_outputs.yaml").write_text(yaml.safe_dump(outputs))

    def _outputs(self, system: str, unit: str) -> dict[str, Any]:
        mocks = ROOT / "modules" / "systems" / system / unit / "mock_outputs.yaml"
        return yaml.safe_load(mocks.read_text()) if mocks.exists() else {}

    def units(self, environment: str) -> list[str]:
        """The units of an environment: ["live/dev/us-east-1/foundation/data", ...]."""
        found = (self.root / "live" / environment).glob("*/*/*/terragrunt.hcl")
        return sorted(str(path.parent.relative_to(self.root)) for path in found)

    def shared_units(self, environment: str) -> list[str]:
        """Those of them that belong to the account: one in each region."""
        return [unit for unit in self.units(environment) if f"/{SHARED_SYSTEM}/" in unit]

    def make_account(self, environment: str) -> None:
        """The bucket and the table that bootstrap makes, as far as states need them."""
        self._s3(environment).create_bucket(Bucket=self.bucket(environment))
        self.emulator.client("dynamodb", self.accounts[environment]).create_table(
            TableName="financial-event-pipelines-locks",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
        )

    def put_states(self, environment: str, without: tuple[str, ...] = ()) -> None:
        """Leave the account as an apply of every unit would, but for those whose path holds one of `without`."""
        self.make_account(environment)
        for unit in self.units(environment):
            if any(name in unit for name in without):
                continue
            outputs = {
                name: {"value": value, "type": _type(value)}
                for name, value in self._outputs(*unit.split("/")[-2:]).items()
            }
            body = json.dumps({**_STATE, "lineage": str(uuid.uuid4()), "outputs": outputs})
            self._s3(environment).put_object(Bucket=self.bucket(environment), Key=self.key(unit), Body=body)

    def bucket(self, environment: str) -> str:
        return f"financial-event-pipelines-state-{self.accounts[environment]}"

    def key(self, unit: str) -> str:
        _, environment, region, system, name = unit.split("/")
        scope = "shared" if system == SHARED_SYSTEM else environment
        return f"{scope}/{region}/{system}/{name}/terraform.tfstate"

    def standing(self, environment: str) -> list[str]:
        """The units of an environment whose states hold a resource."""
        s3, bucket = self._s3(environment), self.bucket(environment)
        keys = {entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", [])}
        held = {key for key in keys if json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())["resources"]}
        return [unit for unit in self.units(environment) if self.key(unit) in held]

    def run(
        self, binary: Path, folder: str, *words: str, variables: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run Terragrunt as a person does who types it in a folder ("live/dev/us-east-1/webhooks")."""
        account = self.accounts.get((folder + "//").split("/")[1], "000000000000")
        terraform = {"TF_CLI_CONFIG_FILE": str(CLI_CONFIGURATION)} if CLI_CONFIGURATION.exists() else {}
        return subprocess.run(
            [str(binary), *words],
            cwd=self.root / folder,
            env=self.emulator.environment(account) | {"TG_NON_INTERACTIVE": "true"} | terraform | dict(variables or {}),
            capture_output=True,
            text=True,
            check=False,
        )

    def _s3(self, environment: str) -> Any:
        return self.emulator.client("s3", self.accounts[environment])


def _type(value: Any) -> Any:
    """A value's type as a state writes it: ["object", {"a": "string"}]."""
    if isinstance(value, dict):
        return ["object", {name: _type(of_one) for name, of_one in value.items()}]
    if isinstance(value, list):
        return ["tuple", [_type(of_one) for of_one in value]]
    return {bool: "bool", str: "string"}.get(type(value), "number")
