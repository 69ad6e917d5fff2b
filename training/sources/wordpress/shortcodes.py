"""Take WordPress shortcodes out of a text and leave the author's words.

A shortcode is ``[name key="value"]``, alone or around text. An export holds them
unexpanded, and most of the plugins that would expand them are not known here. So a
bracket is a shortcode if its name is known to be one, or if it looks like nothing
else: it carries a quoted attribute, or the text also holds its ``[/name]``. Every
other bracket is prose: ``[citation needed]``, ``[1]``, ``[sic]``.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Shortcodes whose enclosed text is an address or data, not prose: it goes too.
_WITHOUT_TEXT = _words(
    "audio contact-field embed googlemaps googlevideo instagram mc4wp_form playlist slideshare "
    "soundcloud su_youtube tweet video vimeo youtube"
)

#: Shortcodes around source code, which must keep its line breaks.
_AROUND_CODE = _words("code sourcecode")

#: Names that are shortcodes also where they stand alone. Words that prose and code
#: put into brackets (``[map]``, ``[row]``, ``[author]``) are not among them.
_ALONE = _words(
    """
    caption gallery wp_caption
    yarpp crp related_posts related-posts jetpack-related-posts wprpi rp4wp irp
    contact-form contact-form-7 contact-form-to-email gravityform gravityforms ninja_form
    ninja_forms wpforms formidable fluentform caldera_form mailpoet_form newsletter_form
    subscribe2 jetpack_subscription_form subscribe_form blog_subscription_form
    toc lwptoc ez-toc table_of_contents no_toc tableofcontents
    addtoany sharethis social_share ssba social_warfare addthis shareaholic
    tag_cloud recent-posts recent_posts display-posts list_category_posts catlist
    latest_post ic_add_posts post_grid the-post-grid wp-pagenavi author_box
    one_half one_half_last one_third one_third_last two_third two_third_last one_fourth
    one_fourth_last three_fourth three_fourth_last one_fifth clear divider hr line_break
    noformat dropcap pullquote accordion accordion-item tabgroup
    rev_slider metaslider layerslider smartslider3 nggallery ngg_images ngg singlepic
    imagebrowser foogallery envira-gallery modula
    google_map wpgmza codepen gist polldaddy wp_poll total-poll flickr dailymotion spotify
    bandcamp tiktok scribd googleapps gdocs pdf-embedder gview iframe advanced_iframe
    latex efn_note mfn login-form wp_login_form members_only members_access paid_content
    add_to_cart product_page product_category product_categories recent_products
    featured_products sale_products best_selling_products edd_downloads purchase_link
    adsense adinserter adrotate bsa_pro_ad_space quads wpads google-translator do_widget
    """
)
_KNOWN = _WITHOUT_TEXT | _AROUND_CODE | _ALONE

#: Page builders and shops: every name that begins so.
_FAMILIES = (
    "et_pb_",
    "vc_",
    "fusion_",
    "av_",
    "su_",
    "nectar_",
    "mk_",
    "woocommerce_",
    "download_",
)

# Neither bracket may stand inside: every match ends at the next one, so that any
# text is read in linear time.
_BRACKET = re.compile(
    r"(\[?)\[(/?)([A-Za-z][\w-]{0,60})((?:\s[^\[\]]*|/|=[^\[\]]*)?)\](\]?)", re.ASCII
)
_CLOSER = re.compile(r"\[/([A-Za-z][\w-]{0,60})\s*\]", re.ASCII)
_DATA = re.compile(r"[=\d]|://")
_QUOTED_ATTRIBUTE = re.compile(r"""\s[\w-]{1,40}\s?=\s?(?:"[^"]*"|'[^']*'|&quot;|”|“|″)""")


def strip_shortcodes(text: str) -> str:
    """Remove the shortcodes of a text, keeping what they enclose.

    A caption keeps its words, a gallery vanishes, a player's address goes with it,
    source code becomes ``<pre>``. ``[[gallery]]`` is how an author writes about a
    shortcode and becomes ``[gallery]``. Takes linear time for any text.

    Args:
        text: HTML or plain text, with WordPress's shortcodes unexpanded.

    Returns:
        The text without them; other brackets are as they were. Names are compared
        byte by byte, as WordPress does: ``[Video]`` is prose.
    """
    if "[" not in text:
        return text
    closed = set(_CLOSER.findall(text))
    kept: list[str] = []
    position = 0
    #: The shortcode whose text is being left out, and where it began.
    silent: tuple[str, int] | None = None
    for found in _BRACKET.finditer(text):
        before, slash, name, rest, after = found.groups()
        if silent is not None:
            if slash and name == silent[0]:
                position, silent = found.end() - len(after), None
            continue
        if not _is_shortcode(name, slash + rest, closed):
            continue
        if before and after:
            kept += [text[position : found.start()], found.group()[1:-1]]
            position = found.end()
            continue
        # A bracket that is not part of an escape belongs to the text around.
        kept.append(text[position : found.start() + len(before)])
        position = found.end() - len(after)
        if name in _AROUND_CODE and name in closed:
            kept.append("</pre>" if slash else "<pre>")
        elif name in _WITHOUT_TEXT and name in closed and not slash and not rest.endswith("/"):
            silent = (name, position)
    if silent is not None:
        position = silent[1]
    kept.append(text[position:])
    return "".join(kept)


def _is_shortcode(name: str, rest: str, closed: set[str]) -> bool:
    if name in closed or _QUOTED_ATTRIBUTE.search(rest):
        return True
    # ``[video embedded below]`` is prose, ``[youtube https://…]`` is not.
    known = name in _KNOWN or name.startswith(_FAMILIES)
    return known and (not rest.strip(" /") or _DATA.search(rest) is not None)
