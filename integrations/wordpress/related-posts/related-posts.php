<?php
/**
 * Plugin Name:       related-posts
 * Description:       Shows the related posts that your own related-posts service has chosen, without a load on your database and without waiting for anything.
 * Version:           1.0.0
 * Requires at least: 5.6
 * Requires PHP:      7.4
 * License:           GPL-2.0-or-later
 * License URI:       https://www.gnu.org/licenses/gpl-2.0.html
 * Text Domain:       related-posts
 * Update URI:        false
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const VERSION   = '1.0.0';
const MAIN_FILE = __FILE__;

require_once __DIR__ . '/includes/settings.php';
require_once __DIR__ . '/includes/circuit.php';
require_once __DIR__ . '/includes/request.php';
require_once __DIR__ . '/includes/answers.php';
require_once __DIR__ . '/includes/markup.php';
require_once __DIR__ . '/includes/places.php';
require_once __DIR__ . '/includes/block.php';
require_once __DIR__ . '/includes/replacing.php';
require_once __DIR__ . '/includes/class-list-widget.php';
require_once __DIR__ . '/includes/telling.php';

if ( is_admin() ) {
	require_once __DIR__ . '/includes/connection.php';
	require_once __DIR__ . '/includes/yarpp.php';
	require_once __DIR__ . '/includes/fields.php';
	require_once __DIR__ . '/includes/admin.php';
}

/**
 * Reads translations, for blogs whose WordPress does not do so by itself; before a widget is named.
 */
function load_translations() {
	load_plugin_textdomain( 'related-posts', false, dirname( plugin_basename( MAIN_FILE ) ) . '/languages' );
}
add_action( 'init', __NAMESPACE__ . '\load_translations', 0 );

register_deactivation_hook( MAIN_FILE, __NAMESPACE__ . '\stop_telling' );
