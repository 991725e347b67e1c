"""The list of everything that is generated in the documentation. `make docs` writes it, `docs check` compares.

To generate another page or place: write a function that returns its lines, and add it here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tools.docs import (
    architecture,
    classifications,
    costs,
    decisions,
    diagrams,
    events,
    patches,
    requirements,
    skips,
    tables,
)
from tools.docs.generated import Generated
from tools.policies import pages as policies
from tools.project import ROOT


def everything() -> list[Generated]:
    """Every page and every place in a page that is generated."""
    return list(_everything())


def _everything() -> Iterator[Generated]:
    for module in tables.modules():
        yield Generated(module / "README.md", partial(tables.render, module), "TABLES")
    for system in diagrams.systems():
        yield Generated(diagrams.SYSTEMS / system / "README.md", partial(diagrams.render, system), "DIAGRAM")
        yield Generated(diagrams.OVERVIEW, partial(diagrams.render, system), system.upper().replace("-", "_"))
    for provider in events.ROWS:
        yield Generated(events.PAGE, partial(events.table, provider), provider.upper())
    yield Generated(architecture.PAGE, architecture.tools, "TOOLS")
    yield Generated(classifications.PAGE, classifications.render, "CLASSIFICATION")
    yield Generated(costs.PAGE, costs.page)
    yield Generated(costs.OVERVIEW, costs.overview, "COSTS")
    yield Generated(decisions.PAGE, decisions.index, "DECISIONS")
    yield Generated(patches.PAGE, patches.render, "PATCHES")
    yield Generated(policies.TABLE, policies.summary, "RULES")
    for rule in policies.rules():
        yield Generated(ROOT / rule.page, partial(policies.page, rule))
    yield Generated(requirements.PAGE, requirements.page)
    yield Generated(skips.PAGE, skips.render, "SKIPS")
