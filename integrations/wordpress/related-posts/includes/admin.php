<?php
/**
 * The settings page.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const PAGE   = 'related-posts';
const RESULT = 'related_posts_result_';

/**
 * Registers settings and page.
 */
function register_settings() {
	register_setting(
		PAGE,
		OPTION,
		array(
			'type'              => 'object',
			'sanitize_callback' => __NAMESPACE__ . '\sanitize',
		)
	);
}
add_action( 'admin_init', __NAMESPACE__ . '\register_settings' );

/**
 * Adds the page to the menu.
 */
function add_page() {
	$name = __( 'Related posts', 'related-posts' );
	add_options_page( $name, $name, 'manage_options', PAGE, __NAMESPACE__ . '\print_page' );
}
add_action( 'admin_menu', __NAMESPACE__ . '\add_page' );

/**
 * Adds a link to the page beside the plugin's name.
 *
 * @param array $links Links.
 * @return array
 */
function add_link( $links ) {
	array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( page_address() ), esc_html__( 'Settings', 'related-posts' ) ) );
	return $links;
}
add_filter( 'plugin_action_links_' . plugin_basename( MAIN_FILE ), __NAMESPACE__ . '\add_link' );

/**
 * The page's address.
 *
 * @return string
 */
function page_address() {
	return admin_url( 'options-general.php?page=' . PAGE );
}

/**
 * Runs the connection test, and shows its result on the page.
 */
function do_test() {
	check_permission( 'related_posts_test' );
	finish( test_connection() );
}
add_action( 'admin_post_related_posts_test', __NAMESPACE__ . '\do_test' );

/**
 * Takes over YARPP's settings.
 */
function do_migrate() {
	check_permission( 'related_posts_migrate' );
	$found = from_yarpp( get_option( 'yarpp' ) );
	if ( ! $found ) {
		finish( array( line( false, __( 'YARPP has left no settings in this blog.', 'related-posts' ) ) ) );
	}
	$kept = get_option( OPTION );
	update_option( OPTION, array_merge( is_array( $kept ) ? $kept : array(), $found ) );
	$text = __( 'YARPP’s settings were taken over: number, heading, pictures, excerpts, excluded terms, time span and post types. Its weights and threshold have no counterpart. YARPP itself was not changed; deactivate it when you are content.', 'related-posts' );
	finish( array( line( true, $text ) ) );
}
add_action( 'admin_post_related_posts_migrate', __NAMESPACE__ . '\do_migrate' );

/**
 * Ends the request unless an administrator sent our own form.
 *
 * @param string $action The form's.
 */
function check_permission( $action ) {
	if ( ! current_user_can( 'manage_options' ) ) {
		wp_die( esc_html__( 'You may not change these settings.', 'related-posts' ), '', array( 'response' => 403 ) );
	}
	check_admin_referer( $action );
}

/**
 * Keeps a result for the page and goes there.
 *
 * @param array $lines Lines of `good` and `text`.
 */
function finish( $lines ) {
	set_transient( RESULT . get_current_user_id(), $lines, MINUTE_IN_SECONDS );
	wp_safe_redirect( page_address() );
	exit;
}

/**
 * Prints the page.
 */
function print_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$result = get_transient( RESULT . get_current_user_id() );
	delete_transient( RESULT . get_current_user_id() );
	// phpcs:ignore WordPress.Security.NonceVerification.Recommended -- It is only looked at.
	if ( ! is_array( $result ) && isset( $_GET['settings-updated'] ) ) {
		$result = test_connection();
	}
	echo '<div class="wrap"><h1>' . esc_html( get_admin_page_title() ) . '</h1>';
	foreach ( is_array( $result ) ? $result : array() as $line ) {
		printf( '<div class="notice notice-%s"><p>%s</p></div>', $line['good'] ? 'success' : 'warning', esc_html( $line['text'] ) );
	}
	echo '<form action="options.php" method="post">';
	settings_fields( PAGE );
	print_fields( settings() );
	submit_button();
	echo '</form><hr><h2 class="title">' . esc_html__( 'Tools', 'related-posts' ) . '</h2>';
	print_button( 'related_posts_test', __( 'Test the connection', 'related-posts' ) );
	if ( false !== get_option( 'yarpp' ) ) {
		print_button( 'related_posts_migrate', __( 'Take over the settings of YARPP', 'related-posts' ) );
	}
	echo '</div>';
}

/**
 * Prints a button that does something at once.
 *
 * @param string $action What.
 * @param string $text   In words.
 */
function print_button( $action, $text ) {
	printf( '<form action="%s" method="post"><input type="hidden" name="action" value="%s">', esc_url( admin_url( 'admin-post.php' ) ), esc_attr( $action ) );
	wp_nonce_field( $action );
	submit_button( $text, 'secondary' );
	echo '</form>';
}
