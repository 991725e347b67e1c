"""A wrong setting is told by its name."""

from __future__ import annotations

import pytest

from functions.common import settings


@pytest.mark.parametrize("value", ["", None])
def test_a_setting_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is None:
        monkeypatch.delenv("AUDIT_TABLE_NAME", raising=False)
    else:
        monkeypatch.setenv("AUDIT_TABLE_NAME", value)
    with pytest.raises(settings.SettingError, match="AUDIT_TABLE_NAME is not set"):
        settings.text("AUDIT_TABLE_NAME")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "ten", "٣"])
def test_a_number_that_is_none_is_refused_with_its_value(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MAXIMUM_EVENT_AGE_DAYS", value)
    with pytest.raises(settings.SettingError, match="MAXIMUM_EVENT_AGE_DAYS is"):
        settings.positive_integer("MAXIMUM_EVENT_AGE_DAYS")


@pytest.mark.parametrize("value", ["True", "1", "yes", "on"])
def test_a_flag_that_is_neither_true_nor_false_is_refused_with_its_value(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SIGNATURE_REQUIRED", value)
    with pytest.raises(settings.SettingError, match=f"SIGNATURE_REQUIRED is '{value}'"):
        settings.flag("SIGNATURE_REQUIRED")


@pytest.mark.parametrize(("value", "flag"), [("true", True), ("false", False)])
def test_a_flag_is_true_or_false(monkeypatch: pytest.MonkeyPatch, value: str, flag: bool) -> None:
    monkeypatch.setenv("SIGNATURE_REQUIRED", value)
    assert settings.flag("SIGNATURE_REQUIRED") is flag


def test_a_setting_that_is_right_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAXIMUM_EVENT_AGE_DAYS", "30")
    assert settings.positive_integer("MAXIMUM_EVENT_AGE_DAYS") == 30
