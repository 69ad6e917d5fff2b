"""Settings in layers: which place wins, and what is refused in which words."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from related_posts import layered
from related_posts.errors import ConfigError
from related_posts.layered import DEFAULT_DATA, FILE_NAME, LayeredSettings, setting
from related_posts.setting_names import KNOWN, PREFIX, SERVICE, SHARED, TRAINING, check_names


class Settings(LayeredSettings):
    """One side that knows three settings beside the data folder."""

    site: str = setting(
        "", "The blog's address.", "an address or empty", pattern="^(https?://.*)?$"
    )
    jobs: int = setting(-1, "Processes.", "a whole number from -1 to 9", ge=-1, le=9)
    cross_language: bool = setting(False, "Whether languages mix.", "true or false")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a settings file."""
    (tmp_path / FILE_NAME).write_text('site = "https://file.example"\njobs = 2\n')
    return tmp_path


def variables(data: Path, **values: str) -> dict[str, str]:
    """An environment that names the data folder."""
    own = {f"{PREFIX}{name.upper()}": value for name, value in values.items()}
    return {"PATH": "/bin", f"{PREFIX}DATA": str(data), **own}


def test_defaults_need_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without file, variable and flag every setting has a value."""
    monkeypatch.chdir(tmp_path)
    found = Settings.layered({}, {})
    assert found.model_dump() == {
        "data": DEFAULT_DATA,
        "site": "",
        "jobs": -1,
        "cross_language": False,
    }


def test_each_place_overrides_the_one_before(data: Path) -> None:
    """Defaults, then the file, then the environment, then the flags, value by value."""
    assert Settings.layered({"data": data}, {}).jobs == 2
    assert Settings.layered({}, variables(data)).jobs == 2
    assert Settings.layered({}, variables(data, jobs="3")).jobs == 3
    found = Settings.layered({"jobs": 4, "site": None}, variables(data, jobs="3"))
    assert (found.jobs, found.site, found.cross_language) == (4, "https://file.example", False)


def test_a_flag_that_is_false_or_zero_is_given(data: Path) -> None:
    """Only None means not given."""
    environment = variables(data, cross_language="true", jobs="3")
    assert Settings.layered({}, environment).cross_language is True
    found = Settings.layered({"cross_language": False, "jobs": 0, "site": ""}, environment)
    assert (found.cross_language, found.jobs, found.site) == (False, 0, "")


def test_an_empty_variable_is_not_set(data: Path) -> None:
    """As container files write it for "leave the default"."""
    assert Settings.layered({}, variables(data, jobs="")).jobs == 2


def test_variables_count_in_any_case(data: Path) -> None:
    """Some systems keep their environment in capitals, some in small letters."""
    environment = {"related_posts_jobs": "5", f"{PREFIX}DATA": str(data)}
    assert Settings.layered({}, environment).jobs == 5


def test_the_file_cannot_name_another_folder(data: Path) -> None:
    """The folder is where the file was found."""
    (data / FILE_NAME).write_text('data = "/elsewhere"\n')
    assert Settings.layered({"data": data}, {}).data == data


def test_the_flag_decides_whose_file_is_read(data: Path, tmp_path_factory: Any) -> None:
    """The variable's folder does not count where a flag names one."""
    other = tmp_path_factory.mktemp("other")
    assert Settings.layered({"data": other}, variables(data)).jobs == -1


@pytest.mark.parametrize("name", sorted(KNOWN - {"data"}))
def test_a_name_of_either_side_stops_nobody(name: str, tmp_path: Path) -> None:
    """One file and one environment may serve trainer and service."""
    if name in Settings.model_fields:
        return
    (tmp_path / FILE_NAME).write_text(f'{name} = "anything"\n')
    found = Settings.layered({"data": tmp_path}, {f"{PREFIX}{name.upper()}": "anything"})
    assert not hasattr(found, name)


def test_an_unknown_variable_is_refused_with_the_nearest_name(data: Path) -> None:
    """A misspelt setting never goes unnoticed."""
    with pytest.raises(ConfigError, match=f"did you mean {PREFIX}JOBS") as caught:
        Settings.layered({}, variables(data, jbos="3"))
    assert str(caught.value).startswith(f"{PREFIX}JBOS: there is no such setting")


def test_an_unknown_name_in_the_file_is_refused_with_its_place(data: Path) -> None:
    """The message names the file and the line."""
    (data / FILE_NAME).write_text("# nothing\njobs = 1\nfrobnicate = 1\n")
    with pytest.raises(ConfigError, match="known are") as caught:
        Settings.layered({"data": data}, {})
    assert caught.value.name == f"{data / FILE_NAME} line 3: frobnicate"


def test_other_variables_are_not_looked_at(data: Path) -> None:
    """Only those with our prefix are ours."""
    environment = {"JOBS": "x", "RELATED_POSTSX": "x", **variables(data)}
    assert Settings.layered({}, environment).jobs == 2


def test_two_variables_that_differ_in_case_alone_must_agree(data: Path) -> None:
    """Which of the two counts would be chance; equal ones do no harm."""
    environment = {**variables(data, jobs="3"), "related_posts_jobs": "4"}
    with pytest.raises(ConfigError, match=f"related_posts_jobs: {PREFIX}JOBS is set too"):
        Settings.layered({}, environment)
    environment["related_posts_jobs"] = "3"
    assert Settings.layered({}, environment).jobs == 3


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("flag", "--jobs"),
        ("assigned", "--set jobs"),
        ("variable", f"{PREFIX}JOBS"),
        ("small variable", f"{PREFIX}jobs"),
        ("file", "{file} line 2: jobs"),
    ],
)
@pytest.mark.parametrize("value", ["many", "10", "-2", "1.5"])
def test_a_bad_value_is_named_as_the_user_wrote_it(
    place: str, name: str, value: str, tmp_path: Path
) -> None:
    """With where it stands, what was given and what is allowed."""
    flags: dict[str, Any] = {"data": tmp_path}
    environment, assigned = {}, {}
    if place == "flag":
        flags["jobs"] = value
    elif place == "assigned":
        assigned["jobs"] = value
    elif place == "file":
        (tmp_path / FILE_NAME).write_text(f'site = ""\njobs = "{value}"\n')
    else:
        environment[name] = value
    with pytest.raises(ConfigError) as caught:
        Settings.layered(flags, environment, assigned)
    assert caught.value.name == name.format(file=tmp_path / FILE_NAME)
    assert caught.value.value == value
    assert caught.value.allowed == "it must be a whole number from -1 to 9"
    assert "\n" not in str(caught.value)


def test_a_flag_wins_over_an_assignment_and_that_over_the_rest(data: Path) -> None:
    """An assignment counts as given on the command line, the data folder too."""
    environment = variables(data, jobs="3")
    assert Settings.layered({"jobs": None}, environment, {"jobs": "5"}).jobs == 5
    assert Settings.layered({"jobs": 4}, environment, {"jobs": "5"}).jobs == 4
    assert Settings.layered({"data": None}, {}, {"data": str(data)}).jobs == 2


def test_a_flag_of_several_words_is_named_with_hyphens(tmp_path: Path) -> None:
    """As it is typed."""
    with pytest.raises(ConfigError, match="--cross-language"):
        Settings.layered({"data": tmp_path, "cross_language": "perhaps"}, {})


def test_a_table_in_the_place_of_a_value_is_refused(tmp_path: Path) -> None:
    """Settings are flat: a table is a bad value or an unknown name."""
    for content in ("[jobs]\nn = 1\n", "[training]\njobs = 1\n"):
        (tmp_path / FILE_NAME).write_text(content)
        with pytest.raises(ConfigError):
            Settings.layered({"data": tmp_path}, {})


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"\n\n"])
def test_an_empty_file_sets_nothing(content: bytes, tmp_path: Path) -> None:
    """A file of comments is a valid one."""
    (tmp_path / FILE_NAME).write_bytes(content)
    assert Settings.layered({"data": tmp_path}, {}).jobs == -1


def test_a_data_folder_that_is_missing_or_a_file_has_no_settings(tmp_path: Path) -> None:
    """Whether that is a mistake is for those to say who use the folder."""
    assert Settings.layered({"data": tmp_path / "missing"}, {}).jobs == -1
    file = tmp_path / "file"
    file.write_text("jobs = 1")
    assert Settings.layered({"data": file}, {}).jobs == -1


def test_settings_are_fixed_once_read(tmp_path: Path) -> None:
    """They are passed on as a value."""
    found = Settings.layered({"data": tmp_path}, {})
    with pytest.raises(ValueError, match="frozen"):
        found.jobs = 3


def test_the_environment_reaches_settings_by_argument_only(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The core reads no environment, neither itself nor by its library."""
    monkeypatch.setenv(f"{PREFIX}JOBS", "7")
    monkeypatch.setenv("JOBS", "8")
    monkeypatch.setenv("jobs", "9")
    assert Settings.layered({"data": data}, {}).jobs == 2
    assert Settings(data=data).jobs == -1
    assert "environ" not in inspect.getsource(layered).replace("environment", "")


def test_no_name_belongs_to_two_sides() -> None:
    """What both sides read is listed apart."""
    assert not SHARED & TRAINING
    assert not SHARED & SERVICE
    assert not TRAINING & SERVICE
    assert KNOWN == SHARED | TRAINING | SERVICE
    assert all(name == name.lower() and name.isidentifier() for name in KNOWN)


def test_known_names_are_accepted_all_at_once() -> None:
    """And nothing at all is as well."""
    check_names(KNOWN, str)
    check_names([], str)
