"""What is said on GitHub, through its command line `gh`: one comment for each environment, one issue for its drift."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tools import process_environment
from tools.errors import MISSING_ON_THIS_MACHINE, Failure


def comment(pull_request: int, about: str, text: str) -> str:
    """Say something on a pull request, instead of what was said there about the same ("plan of dev") before.

    Returns what was done. Raises Failure for what GitHub refuses.
    """
    mark = f"<!-- pipelines: {about} -->"
    body = json.dumps({"body": f"{mark}\n{text}"})
    comments = _ask("api", "--paginate", "--slurp", f"repos/{{owner}}/{{repo}}/issues/{pull_request}/comments")
    for one in (one for page in comments for one in page):
        if one["body"].startswith(mark):
            _tell(
                body,
                "api",
                "--method",
                "PATCH",
                f"repos/{{owner}}/{{repo}}/issues/comments/{one['id']}",
                "--input",
                "-",
            )
            return f"changed the comment about {about}"
    _tell(body, "api", f"repos/{{owner}}/{{repo}}/issues/{pull_request}/comments", "--input", "-")
    return f"made a comment about {about}"


def issue(title: str, text: str) -> str:
    """Keep one open issue with a title as long as there is something to say; an empty text closes it.

    Returns what was done. Raises Failure for what GitHub refuses.
    """
    issues = _ask("issue", "list", "--state", "open", "--limit", "1000", "--json", "number,title")
    number = next((str(one["number"]) for one in issues if one["title"] == title), None)
    if not text.strip():
        if number is None:
            return f"there is no open issue {title!r}, and nothing to say"
        _tell("", "issue", "close", number, "--comment", "This is so no longer.")
        return f"closed #{number}"
    if number is None:
        _tell(text, "issue", "create", "--title", title, "--body-file", "-")
        return f"opened the issue {title!r}"
    _tell(text, "issue", "edit", number, "--body-file", "-")
    return f"changed #{number}"


def _ask(*words: str) -> Any:
    return json.loads(_tell("", *words) or "[]")


def _tell(text: str, *words: str) -> str:
    try:
        answer = subprocess.run(
            ["gh", *words],
            input=text,
            env=process_environment.inherited(),
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise Failure(
            "gh, the command line of GitHub, is not on the PATH",
            do="install it; a runner of GitHub has it",
            status=MISSING_ON_THIS_MACHINE,
        ) from None
    if answer.returncode:
        raise Failure(
            f"GitHub refuses: {answer.stderr.strip()}",
            where=f"gh {' '.join(words[:4])}",
            do="look at the token in GH_TOKEN, and at the permissions of the job",
        )
    return answer.stdout
