"""What `render --json` prints: a unit's configuration with everything resolved."""

from __future__ import annotations

from typing import Any

from tools.livetree.reading.configuration import Configuration


def rendered(configuration: Configuration) -> dict[str, Any]:
    """A configuration in the form in which Terragrunt renders it, for the subset."""
    state = configuration.remote_state
    return {
        "dependencies": {"paths": configuration.comes_after} if configuration.comes_after else None,
        "dependency": {name: one.model_dump() for name, one in configuration.dependencies.items()},
        "generate": {name: one.model_dump() for name, one in configuration.generated.items()},
        "inputs": configuration.inputs,
        "remote_state": state.model_dump() if state else None,
        "terraform": {
            "after_hook": {name: one.model_dump(by_alias=True) for name, one in configuration.after_hooks.items()},
            "before_hook": {name: one.model_dump(by_alias=True) for name, one in configuration.before_hooks.items()},
            "source": configuration.source,
        },
    }
