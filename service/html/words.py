"""What a fragment says in the language of its posts: the heading and the direction."""

from __future__ import annotations

from related_posts.text.language import primary

#: The heading by primary language code; English for any other. The widget says the same.
HEADINGS = {
    "en": "Related posts",
    "de": "Ähnliche Beiträge",
    "fr": "Articles similaires",
    "es": "Entradas relacionadas",
    "it": "Articoli correlati",
    "pt": "Artigos relacionados",
    "nl": "Gerelateerde berichten",
    "sv": "Relaterade inlägg",
    "da": "Relaterede indlæg",
    "no": "Relaterte innlegg",
    "fi": "Aiheeseen liittyvää",
    "pl": "Podobne wpisy",
    "cs": "Související články",
    "hu": "Kapcsolódó bejegyzések",
    "ro": "Articole similare",
    "el": "Σχετικά άρθρα",
    "ru": "Похожие записи",
    "uk": "Схожі записи",
    "tr": "Benzer yazılar",
    "ar": "مقالات ذات صلة",
    "he": "פוסטים קשורים",
    "fa": "نوشته‌های مرتبط",
    "hi": "संबंधित पोस्ट",
    "id": "Artikel terkait",
    "vi": "Bài viết liên quan",
    "th": "บทความที่เกี่ยวข้อง",
    "ja": "関連記事",
    "ko": "관련 글",
    "zh": "相关文章",
}
#: Languages that are written from right to left.
_RIGHT_TO_LEFT = frozenset(
    ["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"]
)
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


def heading(language: str) -> str:
    """What stands over a list, in a language or else in English."""
    if language.lower().startswith(_TRADITIONAL):
        return "相關文章"
    return HEADINGS.get(primary(language), HEADINGS["en"])


def direction(language: str) -> str:
    """``rtl`` or ``ltr``."""
    return "rtl" if primary(language) in _RIGHT_TO_LEFT else "ltr"
