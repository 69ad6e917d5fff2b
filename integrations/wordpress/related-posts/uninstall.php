<?php
/**
 * Removes everything the plugin has written: settings, kept answers, what waited to be sent.
 *
 * @package Related_Posts
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * Removes it from one blog.
 */
function related_posts_uninstall() {
	global $wpdb;
	wp_clear_scheduled_hook( 'related_posts_send' );
	delete_option( 'related_posts_settings' );
	delete_option( 'widget_related_posts_list' );
	// An object cache keeps transients elsewhere; kept answers end there within a week.
	delete_transient( 'related_posts_circuit' );
	$kinds = array( 'related_posts_pending_', '_transient_related_posts_', '_transient_timeout_related_posts_' );
	foreach ( $kinds as $kind ) {
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- Options have no other list.
		$names = $wpdb->get_col( $wpdb->prepare( "SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( $kind ) . '%' ) );
		array_map( 'delete_option', $names );
	}
	$sidebars = get_option( 'sidebars_widgets' );
	if ( is_array( $sidebars ) ) {
		foreach ( $sidebars as $place => $widgets ) {
			if ( is_array( $widgets ) ) {
				$sidebars[ $place ] = array_values( preg_grep( '/^related_posts_list-\d+$/', $widgets, PREG_GREP_INVERT ) );
			}
		}
		update_option( 'sidebars_widgets', $sidebars );
	}
}

if ( is_multisite() ) {
	foreach ( get_sites(
		array(
			'fields' => 'ids',
			'number' => 0,
		)
	) as $related_posts_site ) {
		switch_to_blog( $related_posts_site );
		related_posts_uninstall();
		restore_current_blog();
	}
} else {
	related_posts_uninstall();
}
