<?php
/**
 * Where lists stand: at the end of posts, as a block, by shortcode, by the theme's own call.
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
 * Registers the block, which the server renders in the editor too.
 */
function register_block() {
	$needs = array( 'wp-blocks', 'wp-element', 'wp-block-editor', 'wp-components', 'wp-server-side-render', 'wp-i18n' );
	wp_register_script( 'related-posts-block', plugins_url( 'assets/block.js', MAIN_FILE ), $needs, VERSION, true );
	wp_set_script_translations( 'related-posts-block', 'related-posts' );
	register_block_type(
		'related-posts/list',
		array(
			'api_version'     => 2,
			'title'           => __( 'Related posts', 'related-posts' ),
			'category'        => 'widgets',
			'editor_script'   => 'related-posts-block',
			'render_callback' => __NAMESPACE__ . '\block',
			'attributes'      => array(
				'limit'     => array( 'type' => 'integer' ),
				'heading'   => array( 'type' => 'string' ),
				'layout'    => array(
					'type' => 'string',
					'enum' => LAYOUTS,
				),
				'thumbnail' => array( 'type' => 'boolean' ),
				'excerpt'   => array( 'type' => 'boolean' ),
				'date'      => array( 'type' => 'boolean' ),
			),
		)
	);
}
add_action( 'init', __NAMESPACE__ . '\register_block' );

/**
 * A block's list.
 *
 * @param array $attributes What was chosen.
 * @return string HTML.
 */
function block( $attributes ) {
	$html = render( get_the_ID(), array_intersect_key( $attributes, array_flip( CHOICES ) ) );
	return '' === $html ? '' : sprintf( '<div %s>%s</div>', get_block_wrapper_attributes(), $html );
}

/**
 * Defines the functions that themes call. Not in the administration, where another plugin that
 * is being activated could define its own of the same name.
 */
function define_template_functions() {
	require_once __DIR__ . '/template.php';
}
add_action( 'template_redirect', __NAMESPACE__ . '\define_template_functions' );
