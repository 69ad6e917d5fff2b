<?php
/**
 * Takes over the settings of YARPP.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

/**
 * What YARPP's settings say in ours; only what it has settings for.
 *
 * YARPP's weights and its threshold have no counterpart: its scores are other numbers.
 *
 * @param mixed $theirs The option `yarpp`.
 * @return array
 */
function from_yarpp( $theirs ) {
	$ours = array();
	if ( ! is_array( $theirs ) ) {
		return $ours;
	}
	if ( isset( $theirs['limit'] ) && is_numeric( $theirs['limit'] ) ) {
		$ours['limit'] = (int) $theirs['limit'];
	}
	$thumbnails        = isset( $theirs['template'] ) && 'thumbnails' === $theirs['template'];
	$ours['thumbnail'] = $thumbnails;
	$ours['layout']    = $thumbnails ? 'grid' : 'text';
	$ours['date']      = false;
	$ours['css_class'] = 'yarpp-related';
	$around            = $thumbnails ? 'thumbnails_heading' : 'before_related';
	if ( isset( $theirs[ $around ] ) && is_string( $theirs[ $around ] ) ) {
		$ours['heading'] = trim( wp_strip_all_tags( stripslashes( $theirs[ $around ] ) ) );
		if ( preg_match( '/<h([2-6])\b/i', $theirs[ $around ], $found ) ) {
			$ours['level'] = (int) $found[1];
		}
	}
	foreach ( array(
		'show_excerpt' => 'excerpt',
		'past_only'    => 'past_only',
	) as $name => $our_name ) {
		if ( isset( $theirs[ $name ] ) ) {
			$ours[ $our_name ] = rest_sanitize_boolean( $theirs[ $name ] );
		}
	}
	if ( $thumbnails ) {
		$ours['excerpt'] = false;
	}
	if ( isset( $theirs['recent'] ) && is_string( $theirs['recent'] ) && preg_match( '/^(\d{1,4}) (day|week|month|year)s?$/', $theirs['recent'], $found ) ) {
		$ours['recent'] = "$found[1] $found[2]s";
	}
	if ( isset( $theirs['auto_display_post_types'] ) && is_array( $theirs['auto_display_post_types'] ) ) {
		$ours['post_types'] = $theirs['auto_display_post_types'];
	}
	return $ours + excluded_terms( isset( $theirs['exclude'] ) ? $theirs['exclude'] : '' );
}

/**
 * Names of the terms that YARPP leaves out, which it keeps by their term_taxonomy ids.
 *
 * @param mixed $ids Numbers, separated by commas.
 * @return array Settings `not_category` and `not_tag`.
 */
function excluded_terms( $ids ) {
	$names = array(
		'category' => array(),
		'post_tag' => array(),
	);
	foreach ( is_scalar( $ids ) ? wp_parse_id_list( (string) $ids ) : array() as $id ) {
		$term = get_term_by( 'term_taxonomy_id', $id );
		if ( $term && isset( $names[ $term->taxonomy ] ) ) {
			// A name may hold a comma, its slug never does.
			$names[ $term->taxonomy ][] = urldecode( $term->slug );
		}
	}
	return array(
		'not_category' => implode( ', ', $names['category'] ),
		'not_tag'      => implode( ', ', $names['post_tag'] ),
	);
}
