<?php
/**
 * What can be set, and what is allowed.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const OPTION  = 'related_posts_settings';
const LAYOUTS = array( 'list', 'grid', 'text' );

/**
 * The layouts in words.
 *
 * @return string[]
 */
function layouts() {
	return array(
		'list' => __( 'List, picture beside title', 'related-posts' ),
		'grid' => __( 'Grid, picture above title', 'related-posts' ),
		'text' => __( 'Titles only', 'related-posts' ),
	);
}

/**
 * Every setting with its default.
 *
 * @return array
 */
function defaults() {
	return array(
		'service'      => '',
		'key'          => '',
		'ask_by'       => 'id',
		'post_types'   => array( 'post' ),
		'replace'      => true,
		'limit'        => 4,
		'heading'      => __( 'Related posts', 'related-posts' ),
		'level'        => 2,
		'layout'       => 'list',
		'thumbnail'    => true,
		'excerpt'      => false,
		'date'         => true,
		'author'       => false,
		'css_class'    => '',
		'not_category' => '',
		'not_tag'      => '',
		'recent'       => '',
		'past_only'    => false,
		'fallback'     => '',
		'cache'        => 600,
		'timeout'      => 1.0,
	);
}

/**
 * The settings as they are; each one is present and allowed.
 *
 * @return array
 */
function settings() {
	$saved = get_option( OPTION );
	$all   = array_merge( defaults(), is_array( $saved ) ? $saved : array() );
	// Whoever wrote it: programs may write options without our check.
	$all['service'] = is_string( $all['service'] ) ? service_address( $all['service'] ) : '';
	if ( defined( 'RELATED_POSTS_KEY' ) ) {
		$all['key'] = (string) RELATED_POSTS_KEY;
	}
	return $all;
}

/**
 * Brings what a form, a migration or a program sends into the allowed form.
 *
 * What is not sent takes its default, except a key: an empty one keeps the one that is set, so
 * that the settings page need not show it.
 *
 * @param mixed $sent Settings by name.
 * @return array
 */
function sanitize( $sent ) {
	$sent    = is_array( $sent ) ? $sent : array();
	$default = defaults();
	$kept    = get_option( OPTION );
	$kept    = is_array( $kept ) ? $kept : array();
	$clean   = array();

	foreach ( array( 'heading', 'not_category', 'not_tag', 'recent', 'css_class' ) as $name ) {
		$value          = isset( $sent[ $name ] ) && is_scalar( $sent[ $name ] ) ? (string) $sent[ $name ] : $default[ $name ];
		$clean[ $name ] = sanitize_text_field( $value );
	}
	foreach ( array( 'replace', 'thumbnail', 'excerpt', 'date', 'author', 'past_only' ) as $name ) {
		$clean[ $name ] = isset( $sent[ $name ] ) ? rest_sanitize_boolean( $sent[ $name ] ) : $default[ $name ];
	}

	$clean['service'] = isset( $sent['service'] ) && is_string( $sent['service'] ) ? service_address( $sent['service'] ) : '';
	$clean['limit']   = between( $sent, 'limit', 1, 20 );
	$clean['level']   = between( $sent, 'level', 2, 6 );
	$clean['cache']   = between( $sent, 'cache', 60, DAY_IN_SECONDS );
	$clean['ask_by']  = isset( $sent['ask_by'] ) && 'url' === $sent['ask_by'] ? 'url' : 'id';
	$clean['layout']  = isset( $sent['layout'] ) && in_array( $sent['layout'], LAYOUTS, true ) ? $sent['layout'] : $default['layout'];
	$clean['timeout'] = isset( $sent['timeout'] ) && is_numeric( $sent['timeout'] ) ? min( 1.0, max( 0.1, (float) $sent['timeout'] ) ) : $default['timeout'];

	$types               = isset( $sent['post_types'] ) ? (array) $sent['post_types'] : $default['post_types'];
	$types               = array_filter( $types, 'is_string' );
	$clean['post_types'] = array_values( array_intersect( array_map( 'sanitize_key', $types ), get_post_types() ) );

	$steps             = isset( $sent['fallback'] ) && is_string( $sent['fallback'] ) ? explode( ',', $sent['fallback'] ) : array();
	$steps             = array_intersect( array_map( 'trim', $steps ), array( 'category', 'tag', 'author', 'search', 'recent' ) );
	$clean['fallback'] = implode( ',', $steps );

	$key          = isset( $sent['key'] ) && is_string( $sent['key'] ) ? trim( $sent['key'] ) : '';
	$key          = preg_match( '/^[\x21-\x7e]{1,200}$/', $key ) ? $key : '';
	$clean['key'] = '' === $key && isset( $kept['key'] ) ? $kept['key'] : $key;
	if ( ! empty( $sent['forget_key'] ) ) {
		$clean['key'] = '';
	}
	return $clean;
}

/**
 * The service's address without a slash at its end, or nothing where it is none.
 *
 * @param string $address As it was typed.
 * @return string
 */
function service_address( $address ) {
	$address = untrailingslashit( esc_url_raw( trim( $address ), array( 'http', 'https' ) ) );
	$parts   = wp_parse_url( $address );
	if ( empty( $parts['host'] ) || isset( $parts['user'] ) || isset( $parts['query'] ) ) {
		return '';
	}
	return $address;
}

/**
 * A whole number within bounds; the default where none was sent.
 *
 * @param array  $sent  Settings by name.
 * @param string $name  Which one.
 * @param int    $least The smallest that is allowed.
 * @param int    $most  The greatest.
 * @return int
 */
function between( $sent, $name, $least, $most ) {
	$value = isset( $sent[ $name ] ) && is_numeric( $sent[ $name ] ) ? (int) $sent[ $name ] : defaults()[ $name ];
	return min( $most, max( $least, $value ) );
}
