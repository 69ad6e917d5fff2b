"""Language codes: one for each language, however a blog writes it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from related_posts.text.language import ALIASES, primary


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("pt-BR", "pt"),
        ("zh_Hant_TW", "zh"),
        (" EN-us ", "en"),
        ("", ""),
        ("-", ""),
        ("deu", "de"),
        ("ger", "de"),
        ("iw", "he"),
        ("in-ID", "id"),
        ("nb", "no"),
        ("nn-NO", "no"),
        ("no", "no"),
        ("cmn-Hans", "zh"),
        ("und", ""),
        ("zxx", ""),
        ("x-default", ""),
        ("xx", "xx"),
    ],
)
def test_a_tag_gives_one_code_for_its_language(tag: str, code: str) -> None:
    """Regions, scripts, old codes and three letters do not part a language."""
    assert primary(tag) == code


def test_no_alias_leads_to_another() -> None:
    """One look-up is enough."""
    assert not set(ALIASES.values()) & set(ALIASES)


@given(st.text())
def test_a_code_is_its_own_code(tag: str) -> None:
    """No tag raises, and asking again changes nothing."""
    assert primary(primary(tag)) == primary(tag)
