"""The reader of HCL knows where everything stands, and says in a person's words what is no HCL."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.hcl.syntax import (
    Body,
    Call,
    File,
    Literal,
    Name,
    Splat,
    SyntaxFault,
    Template,
    blocks,
    expressions,
    parse,
    read,
)
from policies.hcl.writing import quoted
from tools.errors import Failure
from tools.livetree.reading.source import Source
from tools.project import ROOT, display, files

FILE = Path("/repository/unit.hcl")
FILES = [display(path) for path in files("*.tf", "*.hcl")]


def value(text: str, body: Body, name: str) -> str:
    return text[slice(*body.places[name].value)]


def names(text: str) -> list[str]:
    """The names in all expressions, in the order of the file."""
    found = [node for node in expressions(parse(text).body) if isinstance(node, Name)]
    return [node.name for node in sorted(found, key=lambda node: node.span)]


def test_attributes_and_blocks_are_cut_out_with_their_exact_text() -> None:
    text = (
        'locals {\n  a = [\n    1, # one\n    { b = "}" },\n  ]\n}\n'
        'hook "x" "y" {\n  run = true\n}\ninputs = merge({\n}, {})'
    )
    body = parse(text).body
    assert [(block.kind, block.labels) for block in body.blocks] == [("locals", ()), ("hook", ("x", "y"))]
    assert value(text, body.blocks[0].body, "a") == '[\n    1, # one\n    { b = "}" },\n  ]'
    assert text[slice(*body.blocks[1].span)] == 'hook "x" "y" {\n  run = true\n}'
    assert value(text, body, "inputs") == "merge({\n}, {})"
    assert text[body.places["inputs"].name :].startswith("inputs = ")


def test_a_block_on_one_line_ends_there() -> None:
    text = 'include "root" { path = f("x") }\na = 1 # and a remark\n'
    body = parse(text).body
    assert value(text, body.blocks[0].body, "path") == 'f("x")'
    assert value(text, body, "a") == "1"


def test_brackets_around_a_value_belong_to_its_place_and_not_to_the_value() -> None:
    text = "a = (\n  b\n) # c\n"
    body = parse(text).body
    assert value(text, body, "a") == "(\n  b\n)"
    assert text[slice(*body.attributes["a"].span)] == "b"


def test_a_heredoc_is_a_value() -> None:
    text = "a = <<-EOT\n  b = 1\n  }\n  EOT\nc = 2\n"
    body = parse(text).body
    assert list(body.attributes) == ["a", "c"]
    assert value(text, body, "a") == "<<-EOT\n  b = 1\n  }\n  EOT"
    assert body.attributes["a"] == Literal("b = 1\n}\n")


@pytest.mark.parametrize("marker", ["EOT", "EOT "])
def test_a_heredoc_ends_at_its_marker_alone_on_a_line(marker: str) -> None:
    text = f'a = <<-EOT\n  not EOT\n  EOTX\n  ${{local.b}} {{ " # stays\n  {marker}\nc = d\n'
    body = parse(text).body
    assert names(text) == ["local", "d"]
    assert value(text, body, "a").endswith("\n  EOT")


def test_a_heredoc_loses_the_margin_of_its_lines_and_its_expressions_keep_their_places() -> None:
    text = 'a = <<-EOT\n    one ${f("x")}\n\n      two\n    ${b}\n  EOT\n'
    heredoc = parse(text).body.attributes["a"]
    assert heredoc == Template(("one ", Call("f", (Literal("x"),)), "\n\n  two\n", Name("b"), "\n"))
    assert isinstance(heredoc, Template)
    spans = [part.span for part in heredoc.parts if not isinstance(part, str)]
    assert [text[slice(*span)] for span in spans] == ['f("x")', "b"]


def test_expressions_in_strings_are_found_however_deep_they_stand() -> None:
    text = 'x = "${join("-", [a, "x${upper("${b}")}"])} and %{ if c }yes%{ else ~}%{ for i in d }${e}%{ endfor }"'
    assert names(text) == ["a", "b", "c", "d", "e"]


def test_text_that_only_looks_like_code_is_left_alone() -> None:
    text = 'a = "$${local.x} %%{ if local.y } # no comment \\" local.z" # local.u\n/* local.v\n*/ // local.w'
    file = parse(text)
    assert names(text) == []
    assert file.body.attributes["a"] == Literal('${local.x} %{ if local.y } # no comment " local.z')
    assert [comment.text for comment in file.comments] == ["local.u", "local.v", "local.w"]


def test_a_comment_knows_its_place() -> None:
    text = "a = 1 # one\nb = [ /* two */\n  2, // three\n]\n"
    found = [text[slice(*comment.span)] for comment in parse(text).comments]
    assert found == ["# one", "/* two */", "// three"]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a = 1\n= 2", 2, "unexpected ="),
        ("\nb = (\n1", 2, "( is not closed"),
        ("a =\nb = 1", 1, "a has no value"),
        ("a = 1\n\na = 2", 3, "a is set twice (first on line 1)"),
        ("a\n", 1, "unexpected end of line"),
        ("a", 1, "unexpected a"),
        ('\na = "x\nb = 1', 2, "a string is not closed"),
        ('a = "${b', 1, "${ is not closed"),
        ('a = "%{ if b', 1, "%{ is not closed"),
        ('a = "%{ while b }"', 1, "there is no template directive while"),
        ("a = (1,\n[2)", 1, "unexpected ,"),
        ("a = f(1,\n[2)", 2, "unexpected )"),
        ("\na = {\nb = 1", 2, "{ is not closed"),
        ("b {\na = [", 2, "[ is not closed"),
        ("b {\na = [1]\n", 1, "{ is not closed"),
        ("a = 1 }", 1, "unexpected }"),
        ("\n/* a", 2, "a comment is not closed"),
        ("a = <<EOT\nx\n", 1, "EOT is missing"),
        ("\na = <<EOT\n${[\nEOT\n]}\n", 2, "the heredoc EOT ends within a template"),
        ('a = "x\\qy"', 1, "\\q is no escape"),
        ('a = "x\\u12"', 1, "\\u is no escape"),
        ('a = "\\', 1, "\\ is no escape"),
        ("a = <<EOT x\nEOT\n", 1, "a heredoc begins with a name"),
        ("\na = " + "[" * 5000, 2, "nested too deeply"),
    ],
)
def test_what_is_no_hcl_is_refused_with_file_and_line(text: str, line: int, problem: str) -> None:
    """For people who run a tool it is a failure with its three parts, for whoever judges a file a fault."""
    with pytest.raises(Failure) as raised:
        _ = Source(FILE, text).body
    assert raised.value.where == f"{FILE}, line {line}"
    assert problem in raised.value.problem
    assert raised.value.do
    with pytest.raises(SyntaxFault) as fault:
        parse(text)
    assert str(fault.value).startswith(f"line {line}: ")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_bytes(b'a = 1\nb = "\xe9"\n')
    with pytest.raises(Failure, match="the text is not UTF-8") as raised:
        Source.read(tmp_path / "main.tf")
    assert raised.value.where == f"{tmp_path}/main.tf, line 2"
    with pytest.raises(SyntaxFault, match=r"main\.tf, line 2: the text is not UTF-8"):
        read(tmp_path / "main.tf")


@pytest.mark.parametrize("name", ["π", "été", "ключ-2", "_x", "变量", "a२"])
def test_a_name_may_be_letters_of_any_script(name: str) -> None:
    text = f"{name} = {name}.x"
    assert list(parse(text).body.attributes) == [name]
    assert names(text) == [name]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_as_an_hcl_string_is_one_literal(text: str) -> None:
    written = f"a = {quoted(text)}"
    assert parse(written).body.attributes["a"] == Literal(text)
    assert value(written, parse(written).body, "a") == quoted(text)


def check_places(text: str, file: File) -> None:
    """Whatever is cut out at its place is read as the same again."""
    for body in (file.body, *(block.body for block in blocks(file.body))):
        for name, place in body.places.items():
            assert parse(f"x = {text[slice(*place.value)]}\n").body.attributes["x"] == body.attributes[name]
    for block in blocks(file.body):
        [again] = parse(text[slice(*block.span)]).body.blocks
        assert (again.kind, again.labels) == (block.kind, block.labels)
        assert again.body.attributes == block.body.attributes
    splat = {id(part) for node in expressions(file.body) if isinstance(node, Splat) for part in _roots(node)}
    for node in expressions(file.body):
        cut = text[slice(*node.span)]
        if id(node) not in splat and cut.strip():
            assert parse(f"x = (\n{cut}\n)\n").body.attributes["x"] in (node, Name(cut))


def _roots(splat: Splat) -> list[object]:
    """What follows a splat begins at `*`, which is nowhere in the text."""
    part: object = splat.each
    found = []
    while part is not None:
        found.append(part)
        part = getattr(part, "of", None)
    return found


@pytest.mark.parametrize("path", FILES)
def test_everything_in_our_configuration_stands_where_the_reader_says(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    check_places(text, parse(text))


def read_or_fault(text: str) -> File | SyntaxFault:
    try:
        return parse(text)
    except SyntaxFault as fault:
        return fault


@given(st.text(alphabet='ab.=${}%"\\[](),:?\n #~<-π²u0', max_size=60))
def test_anything_is_read_with_its_places_or_is_a_fault_within_the_text(text: str) -> None:
    found = read_or_fault(text)
    if isinstance(found, SyntaxFault):
        assert 1 <= found.line <= text.count("\n") + 1
        return
    for node in expressions(found.body):
        assert 0 <= node.span[0] <= node.span[1] <= len(text)
    for name, place in found.body.places.items():
        assert parse(f"x = {text[slice(*place.value)]}\n").body.attributes["x"] == found.body.attributes[name]
