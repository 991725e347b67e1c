"""Runs checkov with only our rules over many folders in one process: `python -m policies.judge < folders.json`.

Runs in checkov's Python environment. Reads a JSON list of folders, and writes a JSON list with one object for each:
`{"findings": [{"id", "address", "file", "result", "details"}], "unread": [files that checkov could not parse]}`.
"""

from __future__ import annotations

import json
import logging
import sys
from pathlib import Path
from typing import Any

from checkov.runner_filter import RunnerFilter
from checkov.terraform.runner import Runner

PLUGIN = Path(__file__).parent / "checkov_plugin"


def judge(folder: str, external: list[str] | None) -> dict[str, Any]:
    runner_filter = RunnerFilter(framework=["terraform"], checks=["CKV_FEP_*"], show_progress_bar=False)
    report = Runner().run(root_folder=folder, external_checks_dir=external, runner_filter=runner_filter)
    return {
        "findings": [
            {
                "id": record.check_id,
                "address": record.resource,
                "file": record.file_path,
                "result": record.check_result["result"].name.lower(),
                "details": record.details,
            }
            for record in [*report.passed_checks, *report.failed_checks, *report.skipped_checks]
        ],
        "unread": [str(path) for path in report.parsing_errors],
    }


def main() -> None:
    logging.disable(logging.ERROR)
    folders = json.load(sys.stdin)
    # The plugin is loaded once: checkov would treat a second load as more checks with the same ids, and drop them.
    found = [judge(folder, None if at else [str(PLUGIN)]) for at, folder in enumerate(folders)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
