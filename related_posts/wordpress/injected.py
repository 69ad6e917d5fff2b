"""Take out of a post what plugins put into it when it is shown.

Related posts, share buttons, tables of contents, author boxes and ratings are in
``content.rendered``. They are the same in every post, or name other posts: left in,
they would make all posts look alike.
"""

from __future__ import annotations

import re
from collections.abc import Container

from selectolax.lexbor import LexborNode

from related_posts.text.html import tree

_RELATED = """
    jp-relatedposts wp-block-jetpack-related-posts yarpp yarpp-related crp_related crp-related
    wp-block-contextual-related-posts-related-posts rp4wp-related-posts wp_rp_wrap wp_rp_content
    zem_rp_wrap zemanta-related zemanta-pixie relpost-thumb-wrapper rpbt_wrap yuzo_related_post
    nrelate_related upprev_box bawmrp srp-widget penci-ilrelated-posts lwrp custom-related-posts
    addthis_recommended_horizontal related-posts related_posts relatedposts
"""

_SHARING = """
    sharedaddy jp-post-flair wp-block-jetpack-sharing-buttons jetpack-likes-widget-wrapper
    wp-block-jetpack-like addtoany_share_save_container addtoany_list a2a_kit
    heateor_sss_sharing_container heateorSssClear heateor_sssp_sharing_container
    heateor_ss_sharing_container swp_social_panel swp-content-locator nc_socialPanel
    swp-hidden-panel-wrap social_warfare ssba ssba-wrap ssba-classic-2 ssbp-wrap
    shareaholic-canvas addthis_toolbox addthis_sharing_toolbox at-above-post at-below-post
    essb_links mashsb-container mashsb-main dpsp-content-wrapper dpsp-networks-btns-wrapper
    dpsp-share-text juiz_sps_links wpusb et_social_inline sfsi_Sicons sfsi_responsive_icons
    sfsiaftrpstwpr sfsibeforpstwpr supsystic-social-sharing scriptlesssocialsharing
    novashare-buttons simplesocialbuttons shared-counts-wrap tve_social_items
    wp-block-outermost-social-sharing sharethis-inline-share-buttons
    sharethis-inline-reaction-buttons st_sharethis sociable really_simple_share dd_post_share
    wp-socializer wpsr-share-icons zilla-share hupso-share-buttons kiwi-article-bar
    wpzoom-social-sharing-buttons
"""

_CONTENTS = """
    ez-toc-container eztoc-container lwptoc toc_container wp-block-yoast-seo-table-of-contents
    wp-block-rank-math-toc-block wp-block-aioseo-table-of-contents wp-block-simpletoc-toc
    simpletoc simpletoc-list wp-block-table-of-contents wp-block-uagb-table-of-contents
    wp-block-kadence-tableofcontents kb-table-of-content-wrap wpj-jtoc joli-toc-wrapper
    ftwp-container-outer elementor-widget-table-of-contents ub_table-of-contents
    wp-block-stackable-table-of-contents stk-block-table-of-contents eb-toc-container bsf-toc
"""

_OTHER = """
    saboxplugin-wrap m-a-box abh_box pp-multiple-authors-boxes-wrapper kk-star-ratings
    post-ratings wp_ulike_general_class wpulike rmp-widgets-container gdrts-rating-block
    bsf-rt-reading-time rt-reading-time span-reading-time post-views pvc_clear mc4wp-form
    powerpress_player powerpress_links powerpress_subscribe_links quads-location
    wp-block-jetpack-subscriptions
"""

#: Classes and ids of what plugins add.
INJECTED = frozenset(f"{_RELATED} {_SHARING} {_CONTENTS} {_OTHER}".split())

_NAMES = re.compile(r"""\b(?:class|id)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([\w-]+))""", re.I)


def strip_injected(html: str) -> str:
    """A post's HTML without what plugins added.

    Args:
        html: ``content.rendered`` as WordPress gives it.

    Returns:
        The same string where nothing is found; else the rest, written anew.
    """
    found = {name for names in _NAMES.findall(html) for name in "".join(names).split()} & INJECTED
    if not found:
        return html
    parsed = tree(f"<body>{html}")
    if parsed is None or parsed.body is None:
        return html
    selector = ", ".join(f'[class~="{name}"], [id="{name}"]' for name in sorted(found))
    nodes = {node.mem_id: node for node in parsed.css(selector)}
    # What lies in another one goes with it, and must not be touched after it.
    outermost = [node for node in nodes.values() if not _lies_within(node, nodes)]
    for node in outermost:
        node.decompose()
    return (parsed.body.inner_html or "").strip()


def _lies_within(node: LexborNode, others: Container[int]) -> bool:
    while (parent := node.parent) is not None:
        if parent.mem_id in others:
            return True
        node = parent
    return False
