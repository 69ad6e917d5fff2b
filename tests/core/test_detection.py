"""Detection: the language of short and long posts, alone and within their blog."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from related_posts.text.detection import Evidence, detect, examine, sample, settle
from related_posts.text.language import primary
from related_posts.text.scripts import read

#: What a blog's posts are about, by language: short posts as people write them.
SENTENCES = {
    "en": "The bread is baked until the crust sings, and then it rests on the kitchen table.",
    "de": "Das Brot wird gebacken, bis die Kruste singt, und ruht danach auf dem Küchentisch.",
    "fr": "Le pain cuit jusqu’à ce que la croûte chante, puis il repose sur la table de cuisine.",
    "es": "El pan se hornea hasta que la corteza canta, y después descansa sobre la mesa.",
    "pt": "O pão assa até a casca cantar e depois descansa em cima da mesa da cozinha.",
    "it": "Il pane cuoce finché la crosta canta, e poi riposa sul tavolo della cucina.",
    "ca": "El pa es cou fins que la crosta canta, i després reposa damunt la taula de la cuina.",
    "nl": "Het brood wordt gebakken tot de korst zingt en rust daarna op de keukentafel.",
    "sv": "Brödet gräddas tills skorpan sjunger, och sedan får det vila på köksbordet.",
    "da": "Brødet bages, indtil skorpen synger, og så hviler det på køkkenbordet.",
    "no": "Brødet stekes til skorpen synger, og etterpå hviler det på kjøkkenbordet.",
    "fi": "Leipä paistetaan, kunnes kuori laulaa, ja sitten se lepää keittiön pöydällä.",
    "et": "Leiba küpsetatakse, kuni koorik laulab, ja siis puhkab see köögilaual.",
    "lt": "Duona kepama, kol pluta ima dainuoti, o paskui ji ilsisi ant virtuvės stalo.",
    "pl": "Chleb piecze się, aż skórka zaśpiewa, a potem odpoczywa na kuchennym stole.",
    "cs": "Chléb se peče, dokud kůrka nezpívá, a potom odpočívá na kuchyňském stole.",
    "hu": "A kenyeret addig sütjük, amíg a héja énekel, aztán a konyhaasztalon pihen.",
    "ro": "Pâinea se coace până când coaja cântă, apoi se odihnește pe masa din bucătărie.",
    "tr": "Ekmek kabuğu şarkı söyleyene kadar pişer, sonra mutfak masasında dinlenir.",
    "id": "Roti dipanggang sampai kulitnya bernyanyi, lalu beristirahat di atas meja dapur.",
    "vi": "Bánh mì được nướng cho đến khi vỏ kêu lách tách, rồi nghỉ trên bàn bếp.",
    "eu": "Ogia labean egiten da azalak kantatu arte, eta gero sukaldeko mahaian uzten da.",
    "ru": "Хлеб выпекают, пока корочка не запоёт, а потом он отдыхает на кухонном столе.",
    "uk": "Хліб випікають, доки скоринка не заспіває, а потім він відпочиває на столі.",
    "bg": "Хлябът се пече, докато коричката запее, и после почива на кухненската маса.",
    "sr": "Хлеб се пече док кора не запева, а онда се одмара на кухињском столу.",
    "el": "Το ψωμί ψήνεται μέχρι να τραγουδήσει η κόρα και μετά ξεκουράζεται στο τραπέζι.",
    "hy": "Հացը թխում են մինչև կեղևը երգի, հետո այն հանգստանում է խոհանոցի սեղանին։",
    "he": "אופים את הלחם עד שהקרום שר, ואחר כך הוא נח על שולחן המטבח.",
    "yi": "מען באַקט דאָס ברויט ביז די סקאָרינקע זינגט, און דערנאָך רוט עס אויפֿן טיש.",
    "ar": "يُخبز الخبز حتى تغني القشرة، ثم يستريح على طاولة المطبخ.",
    "fa": "نان را آن‌قدر می‌پزند که پوسته‌اش بخواند، بعد روی میز آشپزخانه می‌ماند.",
    "ur": "روٹی کو اس وقت تک پکایا جاتا ہے جب تک پرت نہ بولے، پھر وہ میز پر ٹھہرتی ہے۔",
    "hi": "रोटी को तब तक सेंका जाता है जब तक उसकी परत कुरकुरी न हो जाए, फिर उसे रखा जाता है।",
    "ne": "रोटी बोक्रा नगाउन्जेल पकाइन्छ, अनि भान्साको टेबुलमा राखिन्छ भन्ने हामीलाई थाहा छ।",
    "mr": "भाकरीचा पापुद्रा खरपूस होईपर्यंत ती भाजली जाते आणि नंतर टेबलावर ठेवली जाते आहे.",
    "ta": "மேலோடு பாடும் வரை ரொட்டி சுடப்படுகிறது, பிறகு அது மேசையில் ஓய்வெடுக்கிறது.",
    "ja": "パンは皮が歌うまで焼いて、それから台所のテーブルの上で休ませます。",
    "zh": "面包要烤到外皮唱歌为止，然后放在厨房的桌子上休息。",
    "ko": "빵은 껍질이 노래할 때까지 굽고 나서 부엌 식탁 위에서 쉬게 합니다.",
    "th": "ขนมปังอบจนเปลือกร้องเพลงแล้วพักไว้บนโต๊ะในครัวที่บ้าน",
}
#: Titles of a few words, which a blog of that language has.
TITLES = {
    "de": "Brot backen ohne Hefe",
    "fr": "Pain au levain",
    "pt": "Pão de centeio",
    "ru": "Хлеб на закваске",
    "uk": "Хліб на заквасці",
    "zh": "東京観光案内",
    "ja": "東京観光案内",
    "en": "Rye bread",
}
#: The letters alone tell, however short the text.
BY_LETTERS = {
    "パン": "ja",
    "React の使い方": "ja",
    "빵 굽기": "ko",
    "ขนมปัง": "th",
    "לחם": "he",
    "Ψωμί": "el",
    "Հաց": "hy",
    "పుస్తకం": "te",
    "პური": "ka",
    "Новини GitHub їжі й ґанку": "uk",
    "Ѓорѓи Ќосев": "mk",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_enough(language: str) -> None:
    """A post of one sentence, on a blog of which nothing else is known, is recognised."""
    assert settle([examine("", f"<p>{SENTENCES[language]}</p>")]) == [language]


@pytest.mark.parametrize(("text", "language"), BY_LETTERS.items())
def test_letters_tell(text: str, language: str) -> None:
    """Where only one language is written so, a word is enough, also among Latin names."""
    expected = ("he", "yi") if language == "he" else (language,)
    assert read(text).languages == expected
    assert settle([examine(text, "")]) == [language]


@pytest.mark.parametrize("language", TITLES)
def test_the_blog_decides_what_a_title_leaves_open(language: str) -> None:
    """Three words get the language in which the rest of the blog is."""
    rest = [examine("", SENTENCES[language])] * 5
    assert settle([*rest, examine(TITLES[language], "")])[-1] == language


@pytest.mark.parametrize("language", ["de", "fr", "es", "ru", "ja", "zh"])
def test_the_stated_languages_of_other_posts_count(language: str) -> None:
    """Posts that state their language speak for those that do not."""
    rest = [examine("", SENTENCES[language], language)] * 3
    assert settle([*rest, examine("Web 2.0", "")])[-1] == language


def test_a_blog_in_two_languages_keeps_both() -> None:
    """A majority does not swallow the posts of the minority."""
    posts = [SENTENCES["en"]] * 40 + [SENTENCES["de"], SENTENCES["es"], "Brot mit Butter und Salz"]
    found = settle([examine("", post) for post in posts])
    assert found == ["en"] * 40 + ["de", "es", "de"]


@pytest.mark.parametrize("language", ["de", "ja", "ru", "ar"])
def test_another_script_refutes_the_stated_language(language: str) -> None:
    """A Japanese post of a blog left at ``en`` is Japanese; a German one is too short to say."""
    found = settle([examine("", SENTENCES[language], "en-US")])
    assert found == ["en" if language == "de" else language]


@pytest.mark.parametrize("language", ["de", "fr", "pt", "nl", "pl"])
def test_many_words_refute_the_stated_language(language: str) -> None:
    """A page of German is not English, whatever is stated."""
    page = f"<p>{SENTENCES[language]}</p>" * 12
    assert settle([examine("", page, "en")]) == [language]
    assert settle([examine("", page, language)]) == [language]


def test_latin_names_do_not_refute_a_language_in_another_script() -> None:
    """A short Japanese post of product names and code stays Japanese."""
    post = examine("iPhone 15 Pro", "<p>Apple Event: iPhone 15 Pro Max, Watch Ultra</p>", "ja")
    assert settle([post]) == ["ja"]


def test_what_most_posts_refute_does_not_stand_for_short_ones() -> None:
    """On a Japanese blog left at ``en``, a title of one name is Japanese as well."""
    posts = [examine("", SENTENCES["ja"] * 3, "en")] * 4 + [examine("PHP 8.3", "", "en")]
    assert settle(posts) == ["ja"] * 5


def test_one_foreign_post_does_not_overthrow_what_a_blog_states() -> None:
    """A single post in another language concerns only itself."""
    posts = [examine("", SENTENCES["en"] * 9, "en")] * 4
    posts += [examine("", SENTENCES["ru"] * 9, "en"), examine("PHP 8.3", "", "en")]
    assert settle(posts) == ["en"] * 4 + ["ru", "en"]


def test_the_only_post_in_a_language_keeps_what_is_stated() -> None:
    """One Spanish post on an English blog would be related to nothing; two are."""
    blog, post = (
        [examine("", SENTENCES["en"] * 9, "en")] * 4,
        examine("", SENTENCES["es"] * 9, "en"),
    )
    assert settle([*blog, post]) == ["en"] * 5
    assert settle([*blog, post, post]) == ["en"] * 4 + ["es"] * 2


def test_an_unknown_stated_language_is_believed() -> None:
    """No table here holds every language."""
    assert settle([examine("", SENTENCES["en"] * 9, "tlh")]) == ["tlh"]


def test_code_is_no_language() -> None:
    """English code on a German blog, in blocks and inline, does not make a post English."""
    code = "<pre><code>for the item in this list: return the item and not that one</code></pre>"
    html = f"{code * 20}<p>So sieht es aus, wenn das Brot <code>if not found</code> ist.</p>"
    assert "return" not in sample("", html)
    assert settle([examine("", html)]) == ["de"]


def test_the_middle_counts_more_than_the_start() -> None:
    """A notice in another language before the post does not decide."""
    html = f"<p>{SENTENCES['en']}</p>" + f"<p>{SENTENCES['fr']}</p>" * 100
    assert settle([examine("", html)]) == ["fr"]


def test_nothing_known_gives_nothing() -> None:
    """A blog without a letter has no language, and an empty archive no posts."""
    assert settle([examine("", ""), examine("1", "<p>2 + 2 = 4</p>")]) == ["", ""]
    assert settle([]) == []


@pytest.mark.parametrize("text", ["", "   ", "12345 67890 +-*/ 12345 67890 !!!", "bread and jam"])
def test_a_few_letters_alone_are_not_judged(text: str) -> None:
    """Without a blog, rather no language than a guess from two words."""
    assert detect(text) == ""


@settings(deadline=None, max_examples=60)
@given(st.text(), st.text(), st.sampled_from(["", "en", "ja", "xx", "zh-Hant", "???"]))
def test_any_post_has_a_code(title: str, html: str, stated: str) -> None:
    """No post raises, and the answer is a primary code."""
    evidence = examine(title, html, stated)
    (code,) = settle([evidence])
    assert code == primary(code)
    assert sum(share for _, share in evidence.probabilities) <= 1 + 1e-9
    assert examine(title, html, stated) == evidence


_POSTS = st.lists(
    st.builds(
        examine,
        st.sampled_from([*TITLES.values(), *SENTENCES.values(), "", "PHP 8", "Status"]),
        st.just(""),
        st.sampled_from(["", "", "en", "de", "ja"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=40)
@given(_POSTS, st.randoms(use_true_random=False))
def test_the_order_of_posts_plays_no_part(posts: list[Evidence], chance: random.Random) -> None:
    """Each post gets the same language wherever it stands."""
    order = list(range(len(posts)))
    chance.shuffle(order)
    found = settle(posts)
    assert settle([posts[i] for i in order]) == [found[i] for i in order]


@pytest.mark.parametrize("opening", ["<pre>", "<code ", "<", "<p>", "http://", "a@a.", "&amp;"])
def test_hostile_markup_is_cut_short(opening: str) -> None:
    """Only a piece of a post is ever looked at, however long it is."""
    assert len(sample("", opening * 200_000)) < 20_000
