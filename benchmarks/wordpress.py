"""What the WordPress plugin costs a page: time to first byte, and PHP's work, as ratios.

Two real WordPresses (Debian's packages, PHP's own server, opcache on) on one database server
have the same 200 posts, and the service has been trained on the first. The page of one post is
asked for in pairs, from the one that has the plugin and from the other, which never had it, the
order changing: without the plugin in either (the control: what differs from 1.00 is noise);
with it and nothing kept (cold); with a kept list (warm); with a kept list while the service is
down; and with nothing kept while the service is down, whose circuit has opened. Ratios are the
median of the pairs, with their quartiles, because load from elsewhere meets both of a pair.
PHP's work is what Linux says its processes ran.

    python benchmarks/wordpress.py
    python benchmarks/wordpress.py --rounds 5
"""

from __future__ import annotations

import argparse
import http.client
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from unittest.mock import Mock
from urllib.parse import urlsplit

from service import create_app
from service.settings import ServiceSettings
from training.publish import Watcher, train_and_publish
from training.settings import TrainingSettings

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/wordpress/harness"))
from loopback import serving
from our_plugin import activate, configure, deactivate, install
from scratch_mariadb import MariaDB
from scratch_wordpress import WordPress, missing

POSTS = 200
#: Pages of a case in a round.
PAGES = 8
#: Costs with the plugin and without: seconds to the first byte, and of PHP's work.
Pair: TypeAlias = tuple[tuple[float, float], tuple[float, float]]
#: Where nobody listens.
NOWHERE = "http://127.0.0.1:9"
FILL = """
$words = explode(' ', $values['words']);
for ($n = 0; $n < $values['n']; $n++) {
    mt_srand($n);
    $text = '';
    for ($w = 0; $w < 150; $w++) $text .= $words[mt_rand($n % 7, count($words) - 1)] . ' ';
    $last = wp_insert_post(['post_title' => "Loaf $n", 'post_content' => $text,
        'post_status' => 'publish']);
}
return $last;
"""
WORDS = (
    "rye wheat spelt oats barley starter oven crust crumb salt water flour kneading proving basket"
    " steam stone hydration autolyse yeast bran malt seed loaf slice toast butter jam honey sour"
)
FORGET_ANSWERS = (
    'global $wpdb; $wpdb->query("DELETE FROM $wpdb->options WHERE option_name'
    " LIKE '%transient%related\\_posts\\_a\\_%'\");"
)


def first_byte_seconds(url: str) -> float:
    """Seconds until a page's first byte; the page is then read to its end."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    start = time.perf_counter()
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    taken = time.perf_counter() - start
    answer.read()
    connection.close()
    assert answer.status == 200
    return taken


def processor_seconds(blog: WordPress) -> float:
    """Seconds that PHP's server has run so far, its workers included."""
    assert blog._server is not None
    first = blog._server.pid
    workers = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    runs = [Path(f"/proc/{each}/schedstat").read_text().split()[0] for each in (first, *workers)]
    return sum(map(int, runs)) / 1e9


def costs(blog: WordPress, page: str) -> tuple[float, float]:
    """Seconds until a page's first byte, and seconds that PHP ran for it."""
    before = processor_seconds(blog)
    return first_byte_seconds(page), processor_seconds(blog) - before


def measure(
    blogs: tuple[WordPress, WordPress], pages: tuple[str, str], service: str, rounds: int
) -> dict[str, list[Pair]]:
    """Pairs for each case: the costs with the plugin, and of the blog that never had it."""
    blog, page = blogs[0], pages[0]

    def cold() -> None:
        activate(blog, service=service)

    def warm() -> None:
        activate(blog, service=service)
        first_byte_seconds(page)

    def down_and_kept() -> None:
        warm()
        # What is kept belongs to the service's address; old, and the service is left alone.
        blog.run_php(
            "set_transient('related_posts_circuit', ['failures' => 2, 'until' => time() + 60], 60);"
            'global $wpdb; foreach ($wpdb->get_col("SELECT option_name FROM $wpdb->options WHERE'
            " option_name LIKE '\\_transient\\_related\\_posts\\_a\\_%'\") as $name) {"
            " $kept = get_option($name); $kept['fresh_until'] = 1; update_option($name, $kept); }"
        )

    def down_and_bare() -> None:
        activate(blog, service=NOWHERE)
        configure(blog, service=NOWHERE)
        for _ in range(3):
            first_byte_seconds(page)

    cases: dict[str, tuple[Callable[[], None], bool]] = {
        "without the plugin": (lambda: deactivate(blog), False),
        "cold: nothing kept": (cold, True),
        "warm: a kept list": (warm, False),
        "service down, kept list": (down_and_kept, False),
        "service down, nothing kept": (down_and_bare, False),
    }
    found: dict[str, list[Pair]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (prepare, once) in cases.items():
            prepare()
            if not once:
                first_byte_seconds(page)
            for number in range(PAGES):
                if once:
                    blog.run_php(FORGET_ANSWERS)
                    # What PHP had to read anew after that is not the plugin's.
                    first_byte_seconds(pages[1])
                order = (0, 1) if number % 2 else (1, 0)
                taken = {each: costs(blogs[each], pages[each]) for each in order}
                found[name].append((taken[0], taken[1]))
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=6)
    rounds = parser.parse_args().rounds
    if lacking := missing():
        print(f"WordPress: not measured, not installed: {', '.join(lacking)}; "
              "`make test-wordpress` installs them", file=sys.stderr)  # fmt: skip
        return
    logging.disable()
    with (
        tempfile.TemporaryDirectory() as scratch,
        MariaDB() as database,
        WordPress(Path(scratch), database) as blog,
        WordPress(Path(scratch), database, "without") as plain,
    ):
        install(blog)
        pages = [f"{each.url}/?p={each.run_php(FILL, n=POSTS, words=WORDS)}"
                 for each in (blog, plain)]  # fmt: skip
        data = Path(scratch) / "data"
        settings = TrainingSettings(
            data=data, jobs=1, allow_private=True, requests_per_second=1000.0
        )
        train_and_publish([blog.url], settings, Mock(spec=Watcher))
        app = create_app(ServiceSettings(data=data, reload_seconds=3600))
        with serving(app) as service:
            found = measure((blog, plain), (pages[0], pages[1]), service, rounds)
    alone = statistics.median(plain[0] for pairs in found.values() for _, plain in pairs)
    print(f"a post's page; without the plugin {1000 * alone:.0f} ms to its first byte")
    print(f"{'':28}{'first byte':>24}{'processor time of PHP':>28}")
    for name, pairs in found.items():
        cells = ""
        for kind in range(2):
            ratios = [one[kind] / other[kind] for one, other in pairs]
            low, middle, high = statistics.quantiles(ratios, n=4)
            cells += f"{middle:>9.2f} x ({low:.2f} to {high:.2f})"
        print(f"{name:28}{cells}")


if __name__ == "__main__":
    main()
