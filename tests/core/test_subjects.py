"""Inflected texts on one subject find each other, in many languages."""

from __future__ import annotations

import pytest

from related_posts.vectorizer import PostVectorizer

#: Two texts on one subject in other forms of its words, and a third on another.
SUBJECTS = {
    "ar": (
        "مكتبة جديدة للأطفال وكتب كثيرة",
        "والكتب في المكتبة الجديدة",
        "وصفة خبز القمح في الفرن",
    ),
    "bg": (
        "Нова библиотека с книги за деца",
        "Книгите в библиотеките на децата",
        "Хляб от ръж във фурна",
    ),
    "bn": ("নতুন গ্রন্থাগার ও বই", "বই পড়ার গ্রন্থাগার", "চুলায় রুটি বানানো"),
    "cs": ("Nová knihovna a knihy pro děti", "V knihovnách jsou nové knihy", "Žitný chléb z pece"),
    "de": (
        "Neue Bibliothek, neue Bücher",
        "Das Buch in den Bibliotheken",
        "Roggenbrot aus dem Ofen",
    ),
    "el": ("Νέα βιβλιοθήκη και βιβλία", "Το βιβλίο στις βιβλιοθήκες", "Ψωμί σίκαλης στον φούρνο"),
    "es": ("Nueva biblioteca de libros", "El libro en las bibliotecas", "Pan de centeno al horno"),
    "fi": ("Uusi kirjasto ja kirjat", "Kirjoja uusissa kirjastoissa", "Ruisleipä uunista"),
    "fr": (
        "Nouvelle bibliothèque, nouveaux livres",
        "Le livre dans les bibliothèques",
        "Pain de seigle au four",
    ),
    "gl": ("Nova biblioteca e cancións", "A canción nas bibliotecas", "Pan de centeo no forno"),
    "he": ("ספרייה חדשה לילדים", "הילדים בספרייה החדשה", "לחם שיפון מהתנור"),
    "hi": ("नई पुस्तकें और पुस्तकालय", "पुस्तकालयों में पुस्तक", "चूल्हे पर रोटी बनाना"),
    "hu": ("Új könyvtár és könyvek", "Könyveket a könyvtárban", "Rozskenyér a kemencéből"),
    "is": ("Ný bók um hesta", "Bókin um hestinn", "Rúgbrauð úr ofni"),
    "ja": ("新しい図書館の本", "図書館で本を読む", "ライ麦パンを窯で焼く"),
    "ka": ("ახალი ბიბლიოთეკა და წიგნები", "წიგნის კითხვა ბიბლიოთეკაში", "ჭვავის პური ღუმელში"),
    "ko": ("새로운 도서관과 어린이", "어린이를 위한 도서관에서", "호밀빵을 굽는 오븐"),
    "lv": ("Jauna bibliotēka un grāmatas", "Grāmatu lasīšana bibliotēkā", "Rudzu maize no krāsns"),
    "mk": ("Нова библиотека со книги", "Книгите во библиотеката", "Леб од рж, печен дома"),
    "pl": ("Nowa biblioteka i książki", "Książka w bibliotekach", "Chleb żytni z pieca"),
    "pt": ("Nova biblioteca e canções", "A canção nas bibliotecas", "Pão de centeio no forno"),
    "ru": ("Новая библиотека и книги", "Книгу читают в библиотеках", "Ржаной хлеб из печи"),
    "sk": ("Nová knižnica a knihy", "V knižniciach čítame knihu", "Ražný chlieb z pece"),
    "sl": ("Nova knjižnica in knjige", "V knjižnicah beremo knjigo", "Rženi kruh iz peči"),
    "sr": ("Нова библиотека и књиге", "Knjiga u bibliotekama", "Ražani hleb iz peći"),
    "sv": ("Nytt bibliotek och böcker", "Boken på biblioteken", "Rågbröd ur ugnen"),
    "th": ("ห้องสมุดใหม่", "ในห้องสมุด", "อบขนมปัง"),
    "tr": ("Yeni kütüphane ve kitaplar", "Kütüphanede kitap okumak", "Fırında çavdar ekmeği"),
    "uk": ("Нова бібліотека та книги", "Книгу читають у бібліотеках", "Житній хліб із печі"),
    "ur": ("نئی کتاب اور لائبریری", "لائبریری میں کتاب", "تنور میں روٹی پکانا"),
    "vi": ("Thư viện mới cho trẻ em", "Trẻ em trong thư viện", "Nướng bánh mì bằng lò"),
    "zh": ("新的图书馆和书籍", "在图书馆读书", "用烤箱烤黑麦面包"),
}


@pytest.mark.parametrize("language", SUBJECTS)
def test_texts_on_one_subject_are_alike(language: str) -> None:
    """They share terms, whatever the forms of the words; a text on another subject has none."""
    vectors = PostVectorizer(min_df=1, language=language).fit_transform(SUBJECTS[language])
    alike = (vectors @ vectors.T).toarray()
    assert alike[0, 1] > 0.05
    assert alike[0, 2] == alike[1, 2] == 0.0
