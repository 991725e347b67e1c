"""The only file that checkov loads: it puts the project on the path and registers the rules, nothing else."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:
    sys.path.insert(0, ROOT)

from policies.adapter import register  # noqa: E402 -- found through the path set above

register()
