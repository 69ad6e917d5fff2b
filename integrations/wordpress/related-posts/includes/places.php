<?php
/**
 * Where lists stand without a block: at the end of posts, by shortcode, by the theme's own call.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

/**
 * What a shortcode, a block or a widget may choose for its own list.
 */
const CHOICES = array( 'limit', 'heading', 'level', 'layout', 'thumbnail', 'excerpt', 'date', 'author', 'not_category', 'not_tag', 'recent', 'past_only', 'fallback' );

/**
 * Other plugins' shortcodes, which are taken over where those plugins are not active.
 */
const FOREIGN_SHORTCODES = array( 'yarpp', 'crp', 'jetpack-related-posts' );

/**
 * Adds the list to the end of a post's own page.
 *
 * @param string $content The post's HTML.
 * @return string
 */
function append( $content ) {
	if ( ! is_shown_here() || ! in_the_loop() || ! is_main_query() ) {
		return $content;
	}
	if ( doing_filter( 'get_the_excerpt' ) ) {
		// A theme's lead, made of the text of a post that has no excerpt of its own.
		return $content;
	}
	$post = get_post();
	if ( post_password_required( $post ) || places_its_own( $post ) ) {
		return $content;
	}
	return $content . render( $post->ID );
}
// Behind what WordPress and most plugins add, share buttons for example.
add_filter( 'the_content', __NAMESPACE__ . '\append', 1100 );

/**
 * Whether this page is one at whose end a list stands.
 *
 * @return bool
 */
function is_shown_here() {
	$settings = settings();
	return '' !== $settings['service'] && $settings['post_types'] && is_singular( $settings['post_types'] ) && ! is_feed() && ! is_preview();
}

/**
 * Whether posts are made into HTML for something that has no use for lists: for the service,
 * which reads the blog or is sent a change, or for the answer to an editor that saves.
 *
 * What the service once said of a post is no part of the post; and to ask it meanwhile would hold
 * up either.
 *
 * @param bool|null $begins Whether a change is being sent from now on; null leaves that as it is.
 * @return bool
 */
function is_no_page( $begins = null ) {
	static $is_sent = false;
	$is_sent        = null === $begins ? $is_sent : $begins;
	// phpcs:disable WordPress.Security.ValidatedSanitizedInput -- They are only compared.
	$reader = isset( $_SERVER['HTTP_USER_AGENT'] ) ? (string) $_SERVER['HTTP_USER_AGENT'] : '';
	$method = isset( $_SERVER['REQUEST_METHOD'] ) ? $_SERVER['REQUEST_METHOD'] : 'GET';
	// phpcs:enable
	$saves = defined( 'REST_REQUEST' ) && REST_REQUEST && 'GET' !== $method && ! is_editor();
	return $is_sent || $saves || 0 === strpos( $reader, 'related-posts/' );
}

/**
 * Keeps the page without a list that the service reads from becoming what a page cache gives to
 * everybody. Plugins that cache pages know the constant, caches in front of PHP the fields.
 */
function keep_out_of_caches() {
	if ( is_no_page() && is_shown_here() ) {
		defined( 'DONOTCACHEPAGE' ) || define( 'DONOTCACHEPAGE', true );
		nocache_headers();
	}
}
add_action( 'template_redirect', __NAMESPACE__ . '\keep_out_of_caches' );

/**
 * Whether the author put a list into the post, which then has no second one.
 *
 * @param \WP_Post $post The post.
 * @return bool
 */
function places_its_own( $post ) {
	if ( false !== strpos( $post->post_content, '<!-- wp:related-posts/list' ) ) {
		return true;
	}
	foreach ( array_merge( array( 'related_posts' ), FOREIGN_SHORTCODES ) as $name ) {
		if ( has_shortcode( $post->post_content, $name ) ) {
			return true;
		}
	}
	return false;
}

/**
 * A shortcode's list.
 *
 * @param array|string $attributes As they were written.
 * @return string HTML.
 */
function shortcode( $attributes ) {
	$attributes = is_array( $attributes ) ? $attributes : array();
	// As other plugins name the same.
	$names = array(
		'title'        => 'heading',
		'show_excerpt' => 'excerpt',
		'show_date'    => 'date',
		'show_author'  => 'author',
	);
	foreach ( $names as $theirs => $ours ) {
		if ( isset( $attributes[ $theirs ] ) && ! isset( $attributes[ $ours ] ) ) {
			$attributes[ $ours ] = $attributes[ $theirs ];
		}
	}
	$post_id = get_the_ID();
	foreach ( array( 'id', 'reference_id' ) as $name ) {
		$post_id = isset( $attributes[ $name ] ) ? absint( $attributes[ $name ] ) : $post_id;
	}
	return render( $post_id, array_intersect_key( $attributes, array_flip( CHOICES ) ) );
}

/**
 * Registers the shortcodes, behind the plugins whose own they might be.
 */
function register_shortcodes() {
	add_shortcode( 'related_posts', __NAMESPACE__ . '\shortcode' );
	foreach ( FOREIGN_SHORTCODES as $name ) {
		if ( ! shortcode_exists( $name ) ) {
			add_shortcode( $name, __NAMESPACE__ . '\shortcode' );
		}
	}
}
add_action( 'init', __NAMESPACE__ . '\register_shortcodes', 99 );

/**
 * Defines the functions that themes call. Not in the administration, where another plugin that
 * is being activated could define its own of the same name.
 */
function define_template_functions() {
	require_once __DIR__ . '/template.php';
}
add_action( 'template_redirect', __NAMESPACE__ . '\define_template_functions' );
