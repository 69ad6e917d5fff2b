"""Our WordPress plugin in a scratch blog: put in, activated, forgotten."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from scratch_wordpress import WordPress

PLUGIN = Path(__file__).resolve().parents[3] / "integrations" / "wordpress" / "related-posts"
#: As WordPress names it.
FILE = "related-posts/related-posts.php"
#: Raises the plugin's most waiting time, unless a shorter one is set.
PATIENCE = """
add_action('requests-requests.before_request', function ($url, $headers, $data, $type, &$options) {
    $set = get_option('related_posts_settings');
    if (($set['timeout'] ?? 1.0) < 1.0) return;
    $options['timeout'] = $options['connect_timeout'] = 60;
    remove_all_actions('requests-request.progress');
}, 20, 5);
"""
#: Whatever it wrote goes; it stays as active as it is.
FORGET = """
global $wpdb;
foreach ($wpdb->get_col("SELECT option_name FROM $wpdb->options
        WHERE option_name LIKE '%related_posts%'") as $name) delete_option($name);
wp_clear_scheduled_hook('related_posts_send');
"""


def install(wordpress: WordPress) -> None:
    """Copy the plugin's files into a blog; it is not active yet."""
    shutil.copytree(PLUGIN, wordpress.folder / "wp-content" / "plugins" / "related-posts")


def be_patient(wordpress: WordPress) -> None:
    """Let it wait for the service as long as a busy machine takes, where a test sets no time."""
    wordpress.plugin("patience", PATIENCE)


def activate(wordpress: WordPress, **settings: Any) -> None:
    """Activate it with these settings and nothing kept."""
    code = FORGET + f"activate_plugin('{FILE}'); update_option('related_posts_settings', $values);"
    wordpress.run_php(code, **settings)


def configure(wordpress: WordPress, **settings: Any) -> None:
    """Set some settings; the others have their defaults."""
    wordpress.run_php("update_option('related_posts_settings', $values);", **settings)


def deactivate(wordpress: WordPress) -> None:
    """Deactivate it and remove what it wrote."""
    wordpress.run_php(FORGET + f"deactivate_plugins('{FILE}');")


def complaints(wordpress: WordPress) -> list[str]:
    """What PHP had to say about it: errors, warnings, notices and deprecations."""
    logs = [wordpress.folder / "debug.log", wordpress.folder / "wp-content" / "debug.log"]
    lines = [line for log in logs if log.exists() for line in log.read_text().splitlines()]
    return [line for line in lines if "plugins/related-posts" in line or "Related_Posts" in line]


def page(wordpress: WordPress, number: int) -> str:
    """A post's page; whole and good, or an error is raised."""
    with urlopen(f"{wordpress.url}/?p={number}", timeout=60) as answer:
        html = answer.read().decode()
    assert html.rstrip().endswith("</html>"), html[-500:]
    return str(html)
