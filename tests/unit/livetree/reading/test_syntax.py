from __future__ import annotations

from pathlib import Path

import pytest

from tools.errors import Failure
from tools.livetree.reading.source import Source
from tools.livetree.reading.syntax import Body, parse

FILE = Path("/repository/unit.hcl")


def parsed(text: str) -> tuple[str, Body]:
    return text, parse(Source(FILE, text))


def test_attributes_and_blocks_are_cut_out_with_their_exact_text() -> None:
    text, body = parsed(
        'locals {\n  a = [\n    1, # one\n    { b = "}" },\n  ]\n}\n'
        'hook "x" "y" {\n  run = true\n}\ninputs = merge({\n}, {})'
    )
    assert [(block.type, block.labels) for block in body.blocks] == [("locals", ()), ("hook", ("x", "y"))]
    a = body.blocks[0].body.attributes["a"]
    assert text[a.start : a.end] == '[\n    1, # one\n    { b = "}" },\n  ]'
    hook = body.blocks[1]
    assert text[hook.start : hook.end] == 'hook "x" "y" {\n  run = true\n}'
    inputs = body.attributes["inputs"]
    assert text[inputs.start : inputs.end] == "merge({\n}, {})"


def test_a_block_on_one_line_ends_there() -> None:
    text, body = parsed('include "root" { path = f("x") }\na = 1 # and a remark\n')
    path = body.blocks[0].body.attributes["path"]
    assert text[path.start : path.end] == 'f("x")'
    assert text[body.attributes["a"].start : body.attributes["a"].end] == "1"


def test_a_heredoc_is_a_value() -> None:
    text, body = parsed("a = <<-EOT\n  b = 1\n  }\n  EOT\nc = 2\n")
    assert list(body.attributes) == ["a", "c"]
    assert text[body.attributes["a"].start : body.attributes["a"].end] == "<<-EOT\n  b = 1\n  }\n  EOT"


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a = 1\n= 2", 2, "unexpected ="),
        ("\nb = (\n1", 2, "( is not closed"),
        ("a =\nb = 1", 1, "a has no value"),
        ("a = 1\n\na = 2", 3, "a is set twice (first on line 1)"),
        ("a\n", 1, "unexpected end of line"),
        ("a", 1, "unexpected a"),
    ],
)
def test_what_is_no_hcl_is_refused_with_file_and_line(text: str, line: int, problem: str) -> None:
    with pytest.raises(Failure) as raised:
        parsed(text)
    assert raised.value.where == f"{FILE}, line {line}"
    assert problem in raised.value.problem
