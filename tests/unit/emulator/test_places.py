"""A patch takes its place only while ministack reads as it did, and then takes it everywhere."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tools.emulator import places
from tools.errors import Failure

Module = Callable[[str, str], ModuleType]

SENDS = "def send(message):\n    return 'sent ' + message\n\nHANDLERS = {'Send': send}\n"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Module:
    """Make a module of a ministack that has just this text."""

    def make(name: str, text: str) -> ModuleType:
        path = tmp_path / f"{name}.py"
        path.write_text(text)
        spec = importlib.util.spec_from_file_location(f"ministack.{name}", path)
        assert spec is not None
        assert spec.loader is not None
        made = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, f"ministack.{name}", made)
        spec.loader.exec_module(made)
        return made

    return make


def test_a_place_that_reads_as_expected_is_taken(module: Module) -> None:
    mail = module("mail", SENDS)
    assert places.take(mail, "send", places.fingerprint_of(mail.send))("it") == "sent it"


def test_a_place_that_reads_otherwise_is_refused_by_its_name(module: Module) -> None:
    before = places.fingerprint_of(module("mail", SENDS).send)
    changed = module("mail_two", SENDS.replace("sent", "posted"))
    with pytest.raises(Failure, match="not as expected") as failure:
        places.take(changed, "send", before)
    assert failure.value.where == "ministack.mail_two.send"


def test_a_place_that_is_gone_is_refused_by_its_name(module: Module) -> None:
    with pytest.raises(Failure, match="does not exist") as failure:
        places.take(module("mail", SENDS), "receive", "0" * 12)
    assert failure.value.where == "ministack.mail.receive"


def test_a_place_that_another_patch_has_taken_is_judged_by_ministacks_own_source(module: Module) -> None:
    mail = module("mail", SENDS)
    fingerprint = places.fingerprint_of(mail.send)
    first = places.take(mail, "send", fingerprint)
    places.put(mail, "send", lambda message: first(message).upper())
    second = places.take(mail, "send", fingerprint)
    places.put(mail, "send", lambda message: second(message) + "!")
    assert mail.send("it") == "SENT IT!"


def test_a_replacement_stands_wherever_the_function_was_held(module: Module) -> None:
    mail = module("mail", SENDS)
    post = module("post", "from ministack.mail import send as deliver\n")
    places.put(mail, "send", lambda message: "lost")
    assert (mail.send("it"), mail.HANDLERS["Send"]("it"), post.deliver("it")) == ("lost", "lost", "lost")


@pytest.mark.parametrize("text", ["", "error error"])
def test_a_text_must_hold_what_a_patch_replaces_exactly_once(text: str) -> None:
    with pytest.raises(Failure, match="not once"):
        places.require_text("a script", text, "error")
