"""Settings: where they come from, which wins, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from related_posts.errors import ConfigError
from related_posts.layered import FILE_NAME
from related_posts.setting_names import SERVICE, SHARED
from service.settings import ServiceSettings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable and no file of the machine reaches these tests."""
    import os

    for name in [name for name in os.environ if name.upper().startswith("RELATED_POSTS_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing() -> None:
    """Without file, variable and flag there is a working set of values."""
    settings = ServiceSettings.load()
    assert settings.data == Path("data")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.cors_origins == ("*",)
    assert settings.preview is None
    assert 1 <= settings.workers <= 4


def test_flags_win_over_environment_over_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each place overrides the one before it, value by value."""
    (tmp_path / FILE_NAME).write_text('port = 1\nthreads = 11\nhost = "file"\n')
    monkeypatch.setenv("RELATED_POSTS_DATA", str(tmp_path))
    monkeypatch.setenv("RELATED_POSTS_PORT", "2")
    monkeypatch.setenv("RELATED_POSTS_THREADS", "12")
    settings = ServiceSettings.load({"port": "3", "threads": None})
    assert (settings.port, settings.threads, settings.host) == (3, 12, "file")


def test_the_flag_names_the_folder_of_the_file(tmp_path: Path) -> None:
    """The settings file is that of the folder that was asked for, and cannot name another."""
    (tmp_path / FILE_NAME).write_text('port = 7\ndata = "/elsewhere"\n')
    settings = ServiceSettings.load({"data": str(tmp_path)})
    assert (settings.port, settings.data) == (7, tmp_path)


def test_settings_of_training_are_passed_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A name that training knows stops no service."""
    (tmp_path / FILE_NAME).write_text("time_weight = 1.5\n")
    monkeypatch.setenv("RELATED_POSTS_SITE", "https://blog.example")
    assert ServiceSettings.load({"data": str(tmp_path)}).port == 8000


def test_unknown_names_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A mistyped name is an error that suggests the right one, in either place."""
    (tmp_path / FILE_NAME).write_text("prot = 1\n")
    with pytest.raises(ConfigError, match=rf"{FILE_NAME} line 1: prot: .*did you mean port"):
        ServiceSettings.load({"data": str(tmp_path)})
    monkeypatch.setenv("RELATED_POSTS_WORKRES", "1")
    with pytest.raises(ConfigError, match=r"RELATED_POSTS_WORKRES: .* RELATED_POSTS_WORKERS"):
        ServiceSettings.load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "x"),
        ("port", "-1"),
        ("port", "65536"),
        ("port", "1.5"),
        ("workers", "0"),
        ("threads", "9999999999999999999999"),
        ("max_age_seconds", "-1"),
        ("stale_seconds", "nan"),
        ("reload_seconds", "0"),
        ("reload_seconds", "inf"),
        ("cors_origins", "blog.example"),
        ("cors_origins", "https://a.example/path"),
        ("cors_origins", "https://a.example\r\nX: y"),
        ("preview", "/no/such/folder"),
        ("write_origins", "*"),
        ("count_origins", "*"),
        ("compress_from_bytes", "-1"),
        ("ready_max_age_seconds", "1.5"),
        ("hsts_seconds", "-1"),
        ("trusted_proxies", "0"),
        ("trusted_proxies", "11"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("trusted_proxies", "10.0.0.1/8, proxy.example"),
        ("rate_limit", "many"),
        ("rate_limit", "600/fortnight"),
        ("rate_limit", "600/minute; drop"),
        ("rate_limit", "0/minute"),
        ("rate_limit", "-5/minute"),
        ("metrics", "perhaps"),
        ("metrics_networks", "localhost"),
        ("metrics_networks", "::1/129"),
        ("access_log", "2"),
        ("log_format", "xml"),
        ("max_body_bytes", "1023"),
        ("max_body_bytes", "1 MB"),
    ],
)
def test_bad_values_name_everything(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """A value that does not fit is refused with its name, itself and what is allowed."""
    monkeypatch.setenv(f"RELATED_POSTS_{name.upper()}", value)
    with pytest.raises(ConfigError) as caught:
        ServiceSettings.load()
    assert caught.value.name == f"RELATED_POSTS_{name.upper()}"
    assert caught.value.value == value
    assert caught.value.allowed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metrics_token", "fifteen-letters"),
        ("metrics_token", "sixteen letters and spaces"),
        ("metrics_token", "sixteen-lëtters!"),
        ("rate_limit_storage", "nowhere://user:password@host"),
        ("rate_limit_storage", "redis.example:6379"),
    ],
)
def test_a_bad_secret_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """The name and what is allowed are told, the value is not."""
    monkeypatch.setenv(f"RELATED_POSTS_{name.upper()}", value)
    with pytest.raises(ConfigError) as caught:
        ServiceSettings.load()
    assert caught.value.name == f"RELATED_POSTS_{name.upper()}"
    assert caught.value.allowed
    assert value not in str(caught.value)


def test_the_place_of_a_bad_value_is_named(tmp_path: Path) -> None:
    """The message tells a flag from a line of the file."""
    (tmp_path / FILE_NAME).write_text('port = "x"\n')
    with pytest.raises(ConfigError, match=f"{FILE_NAME} line 1: port='x': it must be a whole"):
        ServiceSettings.load({"data": str(tmp_path)})
    with pytest.raises(ConfigError, match="--port='y'"):
        ServiceSettings.load({"port": "y", "data": str(tmp_path)})


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"[a\n", b"= 1"])
def test_a_broken_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    """A file that is not TOML is named, without a traceback."""
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(ConfigError, match=f"{FILE_NAME}.*could not be read as TOML"):
        ServiceSettings.load({"data": str(tmp_path)})


@pytest.mark.parametrize(
    ("value", "origins"),
    [
        ("*", ("*",)),
        ("none", ()),
        ("https://A.example/, http://b.example:81", ("https://a.example", "http://b.example:81")),
        ("", ("*",)),
    ],
)
def test_origins(monkeypatch: pytest.MonkeyPatch, value: str, origins: tuple[str, ...]) -> None:
    """Origins are a list, ``*``, or none; an empty variable is one that was not set."""
    monkeypatch.setenv("RELATED_POSTS_CORS_ORIGINS", value)
    assert ServiceSettings.load().cors_origins == origins


def test_every_setting_is_known_to_the_core_and_explained() -> None:
    """The core's list of names and the fields are one; each has help and allowed values."""
    names = set(ServiceSettings.model_fields)
    assert names == SERVICE | SHARED
    for field in ServiceSettings.model_fields.values():
        assert field.description
        assert isinstance(field.json_schema_extra, dict)
        assert field.json_schema_extra["allowed"]
