"""What the WordPress plugin costs a page: time to first byte, as ratios.

A real WordPress (Debian's packages, PHP's own server, opcache on) has 200 posts, and the
service has been trained on it. One post's page is asked for in alternating rounds: without the
plugin; with it and nothing kept (cold); with a kept list (warm); with a kept list while the
service is down; and with nothing kept while the service is down, whose circuit has opened.
The fastest page of each round is compared with the fastest without the plugin, because load
from elsewhere only adds. Ratios are the median of the rounds.

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


def measure(blog: WordPress, page: str, service: str, rounds: int) -> dict[str, list[list[float]]]:
    """Seconds of each case, a list of a few pages for each round."""

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
    seconds: dict[str, list[list[float]]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (prepare, once) in cases.items():
            prepare()
            if not once:
                first_byte_seconds(page)
            seconds[name].append([])
            for _ in range(PAGES):
                if once:
                    blog.run_php(FORGET_ANSWERS)
                seconds[name][-1].append(first_byte_seconds(page))
    return seconds


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
    ):
        install(blog)
        number = blog.run_php(FILL, n=POSTS, words=WORDS)
        data = Path(scratch) / "data"
        settings = TrainingSettings(
            data=data, jobs=1, allow_private=True, requests_per_second=1000.0
        )
        train_and_publish([blog.url], settings, Mock(spec=Watcher))
        app = create_app(ServiceSettings(data=data, reload_seconds=3600))
        with serving(app) as service:
            seconds = measure(blog, f"{blog.url}/?p={number}", service, rounds)
    # Of each round apart, because a shared machine is now faster and now slower.
    bases = [min(of_round) for of_round in seconds["without the plugin"]]
    shown = 1000 * statistics.median(bases)
    print(f"time to first byte of a post's page; without the plugin {shown:.0f} ms")
    for name, values in seconds.items():
        pairs = zip(values, bases, strict=True)
        ratio = statistics.median(min(one) / base for one, base in pairs)
        print(f"{name:28} {ratio:5.2f} x")


if __name__ == "__main__":
    main()
