<?php
/**
 * What themes call: ours, and YARPP's names where YARPP is not active.
 *
 * @package Related_Posts
 */

defined( 'ABSPATH' ) || exit;

if ( ! function_exists( 'related_posts_list' ) ) {
	/**
	 * Prints the related posts of a post.
	 *
	 * @param int|null $post_id The post; by default the one in the loop.
	 * @param array    $chosen  `limit`, `heading`, `layout` and the like, as in the shortcode.
	 */
	function related_posts_list( $post_id = null, $chosen = array() ) {
		$post_id = null === $post_id ? get_the_ID() : $post_id;
		// Escaped where it is made.
		echo Related_Posts\render( (int) $post_id, (array) $chosen ); // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped
	}
}

if ( ! function_exists( 'yarpp_related' ) ) {
	/**
	 * As YARPP has it.
	 *
	 * @param array    $args    `limit` and the like.
	 * @param int|bool $post_id The post, or false.
	 * @param bool     $display Whether to print it.
	 * @return string HTML.
	 */
	function yarpp_related( $args = array(), $post_id = false, $display = true ) {
		$args = is_array( $args ) ? $args : array();
		$html = Related_Posts\shortcode( array_merge( $args, $post_id ? array( 'id' => $post_id ) : array() ) );
		if ( $display ) {
			echo $html; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped
		}
		return $html;
	}
}

if ( ! function_exists( 'related_posts' ) ) {
	/**
	 * YARPP's older name of the same.
	 *
	 * @param array    $args    `limit` and the like.
	 * @param int|bool $post_id The post, or false.
	 * @param bool     $display Whether to print it.
	 * @return string HTML.
	 */
	function related_posts( $args = array(), $post_id = false, $display = true ) {
		return yarpp_related( $args, $post_id, $display );
	}
}
