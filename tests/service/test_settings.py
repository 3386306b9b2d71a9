"""Settings from the environment and from flags."""

import pytest

from comity.graph.errors import UsageError
from comity.service.settings import default_store, read_settings


def test_defaults() -> None:
    settings = read_settings()
    assert settings.store == default_store()
    assert (settings.union, settings.bundled, settings.cors) == (True, True, ())
    assert (settings.timeout, settings.max_body) == (30, 1_000_000)
    assert (settings.host, settings.port, settings.base) == ("127.0.0.1", 8000, None)


@pytest.mark.parametrize("value", ["off", "false", "0", "OFF"])
def test_off(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COMITY_UNION", value)
    assert read_settings().union is False


@pytest.mark.parametrize("value", ["on", "true", "1"])
def test_on(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("COMITY_BUNDLED", value)
    assert read_settings().bundled is True


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("*", ("*",)),
        ("off", ()),
        ("", ()),
        ("https://a.example, https://b.example", ("https://a.example", "https://b.example")),
    ],
)
def test_cors(monkeypatch: pytest.MonkeyPatch, value: str, expected: tuple[str, ...]) -> None:
    monkeypatch.setenv("COMITY_CORS", value)
    assert read_settings().cors == expected


def test_a_flag_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_PORT", "9000")
    assert read_settings(port=None).port == 9000
    assert read_settings(port=9001).port == 9001


def test_sizes_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_MAX_BODY", "2MB")
    monkeypatch.setenv("COMITY_BASE", "https://example.org/comity/")
    assert read_settings().max_body == 2_000_000
    assert read_settings().base == "https://example.org/comity"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("UNION", "maybe"),
        ("TIMEOUT", "soon"),
        ("TIMEOUT", "0"),
        ("TIMEOUT", "inf"),
        ("TIMEOUT", "nan"),
        ("MAX_BODY", "-1"),
        ("PORT", "70000"),
        ("BASE", "example.org"),
        ("BASE", "https://example.org/?x"),
        ("BASE", "https://exa mple.org"),
    ],
)
def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"COMITY_{name}", value)
    with pytest.raises(UsageError, match=rf"^COMITY_{name}=") as caught:
        read_settings()
    assert value in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bad_flag_is_named_as_a_flag() -> None:
    with pytest.raises(UsageError, match=r"^--max-body lots: "):
        read_settings(max_body="lots")
