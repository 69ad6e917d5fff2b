"""A trial: what a reader would get, built from texts that do not hold the answers."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from related_posts.archive import Archive
from related_posts.errors import EmptyArchiveError, EvaluationError
from related_posts.posts import Post
from related_posts.storage import Store
from training.commands.display import Lines
from training.evaluation.lists import items, of_index
from training.evaluation.trial import trial
from training.publish import train_and_publish
from training.settings import TrainingSettings

Filled = Callable[..., Archive]


def settings(folder: Path, **values: object) -> TrainingSettings:
    """Settings that train in this process."""
    return TrainingSettings(data=folder / "data", jobs=1, **values)


def below(folder: Path) -> dict[str, bytes]:
    """Every file in a folder, by path."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_with_a_file_of_judgements_the_lists_are_those_of_training(
    tmp_path: Path, filled: Filled
) -> None:
    """Texts are taken as they are: the lists equal those of a published version."""
    archive, chosen = filled(), settings(tmp_path)
    links = tmp_path / "links.tsv"
    links.write_text("/rye/\t/starter/\n", "utf-8")
    train_and_publish([], chosen, Lines())
    with Store(chosen.data).open() as live, trial(archive, chosen, judgements=links) as tried:
        for k in (5, 10):
            assert items(of_index(tried.index, k)) == [
                live.neighbours(row, k)[0] for row in range(live.n_posts)
            ]
        assert tried.blog.ids == [live.post(row)["id"] for row in range(live.n_posts)]
        assert not tried.own
        assert tried.n_seen == 1


def test_without_one_no_anchor_text_is_read(tmp_path: Path, filled: Filled) -> None:
    """The texts the version was built from hold no link and no word of one."""
    with trial(filled(), settings(tmp_path)) as tried:
        assert len(tried.judged) == 6
        assert tried.own
        assert tried.n_seen == 0
        assert not any("See <a" in html or "Keeping" in html for html in tried.blog.html)
        assert all(tried.index.links(row) == [] for row in range(tried.index.n_posts))


def test_links_can_be_hidden_from_a_file_of_judgements_too(tmp_path: Path, filled: Filled) -> None:
    """The build sees no judged link; with --known-share it knows what it was told alone."""
    links = tmp_path / "links.tsv"
    links.write_text("/starter/\t/rye/\n/mirror/\t/moon/\n", "utf-8")
    archive, chosen = filled(), settings(tmp_path)
    with trial(archive, chosen, judgements=links) as tried:
        assert tried.n_seen == 2
    with trial(archive, chosen, judgements=links, hide_links=True, known_share=0.5) as tried:
        assert tried.n_seen == 0
        index = tried.index
        told = {(row, other) for row in range(index.n_posts) for other in index.links(row)}
        assert told == tried.known
        assert len(told) == 1


def test_known_links_are_told_to_the_build_and_judge_nothing(
    tmp_path: Path, filled: Filled
) -> None:
    """The build has exactly the known links; the judged ones are the others."""
    with trial(filled(), settings(tmp_path), known_share=0.5, seed=4) as tried:
        index = tried.index
        told = {(row, other) for row in range(index.n_posts) for other in index.links(row)}
        assert told == tried.known
        assert len(tried.known) == len(tried.judged) == 3
        assert not tried.known & tried.judged


def test_nothing_is_touched_and_nothing_is_left(
    tmp_path: Path, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The data folder stays as it was to the byte, and the scratch folder goes, errors or not."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    archive, chosen = filled(), settings(tmp_path)
    train_and_publish([], chosen, Lines())
    before = below(chosen.data)
    with trial(archive, chosen):
        assert len(list(scratch.iterdir())) == 1
    assert list(scratch.iterdir()) == []
    with pytest.raises(ZeroDivisionError), trial(archive, chosen):
        raise ZeroDivisionError
    assert list(scratch.iterdir()) == []
    assert below(chosen.data) == before


def test_an_empty_archive_and_one_without_links_are_said(tmp_path: Path, filled: Filled) -> None:
    """There is nothing to judge, and the message says which of the two it is."""
    with (
        pytest.raises(EmptyArchiveError, match="no post found"),
        trial(Archive(tmp_path / "nothing"), settings(tmp_path)),
    ):
        pass
    lonely = [Post(id="a", url="/a/", title="Alone"), Post(id="b", url="/b/", title="Too")]
    with (
        pytest.raises(EvaluationError, match="--judgements"),
        trial(filled(lonely), settings(tmp_path)),
    ):
        pass
