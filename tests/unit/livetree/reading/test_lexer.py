from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.hcl.lexical import quoted
from tools.livetree.reading.lexer import Kind, LexicalError, Token, tokens


def words(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text)]


def names(text: str) -> list[str]:
    return [text[token.start : token.end] for token in tokens(text) if token.kind is Kind.NAME]


def test_expressions_in_strings_are_found_however_deep_they_stand() -> None:
    text = '"${join("-", [local.a, "x${upper("${local.b}")}"])} and %{ if local.c }yes%{ endif }"'
    assert [name for name in names(text) if len(name) == 1] == ["a", "b", "c"]


def test_text_that_only_looks_like_code_is_left_alone() -> None:
    text = 'a = "$${local.x} %%{ if local.y } # no comment \\" local.z" # local.u\n/* local.v\n*/ // local.w'
    assert names(text) == ["a"]


def test_a_string_is_one_token_from_quote_to_quote() -> None:
    text = 'a = "x${b["y"]}z" + c'
    string = next(token for token in tokens(text) if token.kind is Kind.STRING)
    assert text[string.start : string.end] == '"x${b["y"]}z"'


@pytest.mark.parametrize("marker", ["EOT", "EOT "])
def test_a_heredoc_ends_at_its_marker_alone_on_a_line(marker: str) -> None:
    text = f'a = <<-EOT\n  not EOT\n  EOTX\n  ${{local.b}} {{ " # stays\n  {marker}\nc = 1\n'
    assert names(text) == ["a", "local", "b", "c"]
    heredoc = next(token for token in tokens(text) if token.kind is Kind.HEREDOC)
    assert text[heredoc.start : heredoc.end].endswith("\n  EOT")


def test_newlines_within_brackets_are_deeper_than_those_that_end_an_attribute() -> None:
    text = "a = [\n1,\n]\nb = 2"
    assert [token.depth for token in tokens(text) if token.kind is Kind.NEWLINE] == [1, 1, 0]


def test_trimming_tildes_belong_to_the_template() -> None:
    assert words('"${~ a ~}%{~ if b ~}%{~ endif ~}"')[1:] == ["${", "a", "}", "%{", "if", "b", "}", "%{", "endif", "}"]


@pytest.mark.parametrize(
    ("text", "offset", "problem"),
    [
        ('a = "x\nb = 1', 4, "a string is not closed"),
        ('a = "${b', 5, "${ is not closed"),
        ("a = (1,\n[2)", 10, ") closes nothing"),
        ("a = {\nb = 1", 4, "{ is not closed"),
        ("a = 1 }", 6, "} closes nothing"),
        ("/* a", 0, "a comment is not closed"),
        ("a = <<EOT\nx\n", 4, "EOT is missing"),
        ('a = "x\\qy"', 6, "\\q is no escape"),
        ('a = "x\\u12"', 6, "\\u is no escape"),
        ('a = "\\', 5, "\\ is no escape"),
        ("a = <<EOT x\nEOT\n", 4, "a heredoc begins with a name"),
        ("a = " + "[" * 5000, 4, "nested too deeply"),
    ],
)
def test_what_is_not_closed_or_not_hcl_is_named_where_it_stands(text: str, offset: int, problem: str) -> None:
    with pytest.raises(LexicalError) as raised:
        tokens(text)
    assert problem in raised.value.problem
    assert raised.value.offset >= offset if "nested" in problem else raised.value.offset == offset


@pytest.mark.parametrize("name", ["π", "été", "e\u0301te\u0301", "ключ-2", "_x", "变量", "a२"])
def test_a_name_may_be_letters_of_any_script(name: str) -> None:
    assert words(f"{name} = {name}.x") == [name, "=", name, ".", "x"]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_as_an_hcl_string_is_one_token(text: str) -> None:
    written = quoted(text)
    assert [(token.kind, token.start, token.end) for token in tokens(written)] == [(Kind.STRING, 0, len(written))]


def lexed(text: str) -> list[Token] | LexicalError:
    try:
        return tokens(text)
    except LexicalError as error:
        return error


@given(st.text(alphabet='ab.=${}%"\\[](),\n #~<-π²u0', max_size=60))
def test_anything_becomes_tokens_in_order_or_a_fault_within_the_text(text: str) -> None:
    found = lexed(text)
    if isinstance(found, LexicalError):
        assert 0 <= found.offset < len(text)
        return
    assert [token.start for token in found] == sorted(token.start for token in found)
    assert all(0 <= token.start < token.end <= len(text) for token in found)
