"""Our reading of Terraform's language: equal to Terraform's own where all is known, and unknown where it is not."""

from __future__ import annotations

import json
import os
import subprocess
import unicodedata
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.hcl.syntax import SyntaxFault, parse
from policies.model import MISSING, Json, OneOf, Resource, Undecidable, Unknown
from policies.worlds.configuration import Configuration, ConfigurationFault
from tools.toolchain import terraform, terraform_environment

EXPRESSIONS = r"""
  arithmetic      = [1 + 2 * 3, (1 + 2) * 3, 7 % 4, -2 + 1, 10 / 4, 1.5 * 2]
  logic           = [true && !false, false || 1 < 2, 2 >= 2 && 3 != 4, "a" == "a", null == null, [1] == [1]]
  condition       = [true ? "then" : "otherwise", 1 > 2 ? [1] : []]
  text            = ["a\tb\"c\\", "$${literal}", "%%{literal}", "x${1 + 1}y${"z"}", "é${true}"]
  escapes         = ["\u00e9\u2028", "\U0001F600", "\r\n\\n", "$\u007bx}"]
  heredoc         = <<-EOT
    first ${upper("line")}
      indented
  EOT
  plain_heredoc   = <<EOT
  kept
EOT
  objects         = { a = 1, "b" = 2, (upper("c")) = 3, d : { e = [1, 2] } }
  attribute       = { a = { b = [10, 20] } }.a.b[1]
  splat           = [{ id = 1 }, { id = 2 }][*].id
  listed          = [for index, item in ["a", "b"] : "${index}-${item}"]
  filtered        = [for item in [1, 2, 3, 4] : item if item % 2 == 0]
  mapped          = { for key, value in { a = 1, b = 2 } : upper(key) => value + 1 }
  grouped         = { for item in ["ab", "ac", "b"] : substr(item, 0, 1) => item... }
  nested          = flatten([for x in [1, 2] : [for y in [3, 4] : x * y]])
  lists           = [concat([1], [2, 3]), distinct([1, 1, 2]), reverse([1, 2]), slice([1, 2], 1, 2), sort(["b", "a"])]
  picked          = [element([1, 2, 3], 4), coalesce(null, "", "x"), compact(["", "a"]), one([5])]
  asked           = [contains([1, 2], 2), length([1, 2]), lookup({ a = 1 }, "z", 9)]
  maps            = [merge({ a = 1 }, { a = 2, b = 3 }), keys({ b = 1, a = 2 }), values({ b = 1, a = 2 })]
  zipped          = zipmap(["k"], [1])
  spread          = merge([{ a = 1 }, { b = 2 }]...)
  sets            = [tolist(setunion(["a"], ["b", "a"])), tolist(setsubtract(["a", "b"], ["a"]))]
  product         = setproduct(["a"], ["b", "c"])
  strings         = [join("-", ["a", "b"]), split(",", "a,b"), replace("a.b", ".", "-"), replace("abc", "/[ab]/", "x")]
  trimmed         = [trimprefix("ab", "a"), trimsuffix("ab", "b"), trimspace(" a "), trim("xax", "x")]
  cased           = [title("hello world"), lower("AB"), replace(title(replace("event_bus", "_", " ")), " ", "")]
  formatted       = [format("%s-%d", "a", 3), startswith("abc", "ab"), endswith("abc", "c"), substr("hello", 1, 3)]
  matched         = [regex("[a-z]+", "12ab"), can(regex("^x", "y")), try({ a = 1 }.b, "fallback")]
  numbers         = [min(3, 1), max(1, 3), floor(1.7), ceil(1.2), abs(-3), sum([1, 2])]
  ranged          = range(3)
  json            = [jsonencode({ b = [1, true, null], a = "x" }), jsondecode("{\"a\": [1]}").a[0]]
  yaml            = yamldecode("a: [1, {b: c}]").a[1].b
  commented       = [1, /* two */ 2, # three
    3] // four
"""


def console(folder: Path, expression: str) -> Any:
    answer = subprocess.run(
        [terraform(), "console"],
        cwd=folder,
        input=f"jsonencode({expression})\n",
        env=terraform_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(json.loads(answer.stdout))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


def test_known_expressions_have_terraforms_values(folder: Path) -> None:
    (folder / "main.tf").write_text(f"locals {{\n{EXPRESSIONS}\n}}\n")
    module = Configuration([str(folder)]).roots[str(folder)]
    names = sorted(module.folder.locals)
    expected = console(folder, "{" + ", ".join(f"{name} = local.{name}" for name in names) + "}")
    assert {name: module.local(name) for name in names} == expected


def test_a_variables_type_fills_in_what_is_optional_and_drops_what_is_not_declared(folder: Path) -> None:
    (folder / "called").mkdir()
    (folder / "called" / "main.tf").write_text("""
      variable "it" {
        type = map(object({
          a = optional(number, 5)
          b = string
          c = optional(list(string))
          d = optional(object({ e = optional(bool, true) }), {})
        }))
      }
      variable "nothing" {
        default  = "something"
        nullable = false
      }
      output "all" { value = [var.it, var.nothing] }
    """)
    (folder / "main.tf").write_text("""
      module "called" {
        source  = "./called"
        it      = { x = { b = 7, extra = 1 }, y = { a = "6", b = "z", c = ["l"] } }
        nothing = null
      }
      locals { all = module.called.all }
    """)
    module = Configuration([str(folder)]).roots[str(folder)]
    assert module.local("all") == [
        {"x": {"a": 5, "b": "7", "c": None, "d": {"e": True}}, "y": {"a": 6, "b": "z", "c": ["l"], "d": {"e": True}}},
        "something",
    ]


def resource(folder: Path, text: str, address: str) -> Resource:
    (folder / "main.tf").write_text(text)
    return next(one for one in Configuration([str(folder)]).resources if one.address == address)


INPUTS = """
variable "given" { type = string }
variable "switch" { type = bool }
resource "aws_kms_key" "one" {}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("null", MISSING),
        ('var.switch ? "a" : "b"', OneOf(("a", "b"))),
        ('var.switch ? "a" : null', OneOf(("a", MISSING))),
        ('var.switch ? "a" : "a"', "a"),
        ('aws_kms_key.one.arn == null ? "a" : "b"', "b"),
        ('var.switch && false ? "a" : "b"', "b"),
    ],
)
def test_what_may_be_several_values_is_all_of_them(folder: Path, expression: str, expected: object) -> None:
    queue = resource(
        folder, f'{INPUTS} resource "aws_sqs_queue" "it" {{ \n name = {expression}\n }}', "aws_sqs_queue.it"
    )
    assert queue.get("name") == expected


def test_an_unknown_value_says_what_it_comes_from(folder: Path) -> None:
    queue = 'locals { arn = aws_kms_key.one.arn }\nresource "aws_sqs_queue" "it" {\n kms_master_key_id = local.arn\n}'
    value = resource(folder, INPUTS + queue, "aws_sqs_queue.it").get("kms_master_key_id")
    assert isinstance(value, Unknown)
    assert value.whole
    assert [found.address for found in value.resources("aws_kms_key")] == ["aws_kms_key.one"]


def test_json_keeps_what_is_known_around_what_is_not(folder: Path) -> None:
    text = f'{INPUTS} resource "aws_sqs_queue" "it" {{\n policy = jsonencode({{ a = ["b", var.given] }})\n}}'
    value = resource(folder, text, "aws_sqs_queue.it").get("policy")
    assert isinstance(value, Json)
    assert value.value["a"][0] == "b"
    assert str(value.value["a"][1]) == "${var.given}"


def test_a_function_that_is_not_read_gives_an_unknown_value(folder: Path) -> None:
    text = 'resource "aws_sqs_queue" "it" {\n name = cidrhost("10.0.0.0/8", 1)\n}'
    assert isinstance(resource(folder, text, "aws_sqs_queue.it").get("name"), Unknown)


def test_a_value_that_needs_itself_cannot_be_decided(folder: Path) -> None:
    text = 'locals {\n a = local.b\n b = local.a\n}\nresource "aws_sqs_queue" "it" {\n name = local.a\n}'
    with pytest.raises(Undecidable, match="refers to itself"):
        resource(folder, text, "aws_sqs_queue.it").get("name")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('resource "a" "b" {\n  name = \n}', 2),
        ('locals {\n  a = "open\n}', 2),
        ("locals {", 1),
        ("locals {\n a = 1\n a = 2\n}", 3),
        ('locals {\n a = "\\q"\n}', 2),
        ('locals {\n a = "\\u12"\n}', 2),
        ('locals {\n a = "\\u+123"\n}', 2),
        ('locals {\n a = "\\Uwhatever"\n}', 2),
        ('locals {\n a = "\\ud83d\\ude00"\n}', 2),
        ('locals {\n a = "\\UFFFFFFFF"\n}', 2),
        ('locals {\n a = "\\', 2),
        (f"locals {{\n a = {'1' * 5000}\n}}", 2),
        (f"locals {{\n a = {'[' * 5000}\n}}", 2),
        ('locals {\n a = <<EOT\none\n${"\\q"}\nEOT\n}', 4),
        ("locals {\n a = <<EOT x\nEOT\n}", 2),
        ("locals {\n ² = 1\n}", 2),
        (b'locals {\n\n a = "\xe9"\n}', 3),
    ],
)
def test_a_fault_of_syntax_names_file_and_line(folder: Path, text: str | bytes, line: int) -> None:
    (folder / "main.tf").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigurationFault, match=rf"main\.tf, line {line}:"):
        Configuration([str(folder)])


def read_or_fault(text: str) -> SyntaxFault | None:
    try:
        parse(text)
    except SyntaxFault as fault:
        return fault
    return None


@given(st.text(alphabet='ab.=${}%"\\[](),:?\n #~<-π²u0', max_size=60))
def test_any_text_is_read_or_is_a_fault_of_syntax(text: str) -> None:
    fault = read_or_fault(text)
    assert fault is None or 1 <= fault.line <= text.count("\n") + 1


def test_names_may_be_letters_of_any_script(folder: Path) -> None:
    names = ["π", "e\u0301te\u0301", "ключ-2", "变量", "a२"]
    (folder / "main.tf").write_text(
        "locals {\n" + "".join(f"  {name} = {number}\n" for number, name in enumerate(names)) + "}\n", encoding="utf-8"
    )
    module = Configuration([str(folder)]).roots[str(folder)]
    expected = console(folder, "[" + ", ".join(f"local.{name}" for name in names) + "]")
    assert list(map(module.local, map(partial(unicodedata.normalize, "NFC"), names))) == expected
    assert expected == list(range(len(names)))


def test_a_root_that_cannot_be_evaluated_is_reported_and_the_others_are_judged(folder: Path) -> None:
    for name, text in (("bad", 'resource "aws_sqs_queue" "it" {\n count = local.missing\n}'), ("good", INPUTS)):
        (folder / name).mkdir()
        (folder / name / "main.tf").write_text(text)
    configuration = Configuration([str(folder / "bad"), str(folder / "good")])
    assert list(configuration.faults) == [str(folder / "bad")]
    assert [one.address for one in configuration.at(str(folder / "good" / "main.tf"), "aws_kms_key.one")] == [
        "aws_kms_key.one"
    ]
    with pytest.raises(LookupError, match="missing"):
        configuration.at(str(folder / "bad" / "main.tf"), "aws_sqs_queue.it")
