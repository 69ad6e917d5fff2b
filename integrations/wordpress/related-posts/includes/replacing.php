<?php
/**
 * Takes the place of other plugins' lists at the end of posts, while those plugins stay active.
 *
 * What an author or a theme placed of theirs, a shortcode or a block, is left alone.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

/**
 * Whether others shall be silent on this page.
 *
 * @return bool
 */
function replaces_others() {
	return settings()['replace'] && is_shown_here();
}

/**
 * Silences YARPP, by its own filter.
 *
 * @param bool $silent Whether it is silent already.
 * @return bool
 */
function silence_yarpp( $silent ) {
	return $silent || replaces_others();
}
add_filter( 'noyarpp', __NAMESPACE__ . '\silence_yarpp' );

/**
 * Silences Jetpack, by its own filter.
 *
 * @param bool $enabled Whether it would show its list.
 * @return bool
 */
function silence_jetpack( $enabled ) {
	return $enabled && ! replaces_others();
}
add_filter( 'jetpack_relatedposts_filter_enabled_for_request', __NAMESPACE__ . '\silence_jetpack', 99 );

/**
 * Silences Contextual Related Posts, by its own filter.
 *
 * @param bool  $silent Whether it is silent already.
 * @param mixed $post   The post.
 * @param mixed $args   Its arguments, which tell who asked for the list.
 * @return bool
 */
function silence_crp( $silent, $post = null, $args = array() ) {
	foreach ( array( 'is_widget', 'is_shortcode', 'is_manual', 'is_block' ) as $asked ) {
		if ( ! empty( $args[ $asked ] ) ) {
			return $silent;
		}
	}
	return $silent || replaces_others();
}
add_filter( 'get_crp_short_circuit', __NAMESPACE__ . '\silence_crp', 10, 3 );
