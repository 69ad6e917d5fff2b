<?php
/**
 * The block: in posts, in sidebars, in templates. The server renders it, in the editor too.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

/**
 * Registers the style sheet, and the block with what its editor needs.
 */
function register_block() {
	wp_register_style( 'related-posts', plugins_url( 'assets/style.css', MAIN_FILE ), array(), VERSION );
	$needs = array( 'wp-blocks', 'wp-element', 'wp-block-editor', 'wp-components', 'wp-server-side-render', 'wp-i18n' );
	wp_register_script( 'related-posts-block', plugins_url( 'assets/block.js', MAIN_FILE ), $needs, VERSION, true );
	wp_set_script_translations( 'related-posts-block', 'related-posts' );
	$choices = array(
		'limit'     => array(
			'type'    => 'integer',
			'minimum' => 1,
			'maximum' => 20,
		),
		'heading'   => array( 'type' => 'string' ),
		'layout'    => array(
			'type' => 'string',
			'enum' => LAYOUTS,
		),
		'thumbnail' => array( 'type' => 'boolean' ),
		'excerpt'   => array( 'type' => 'boolean' ),
		'date'      => array( 'type' => 'boolean' ),
		'author'    => array( 'type' => 'boolean' ),
	);
	register_block_type(
		'related-posts/list',
		array(
			'api_version'     => 2,
			'title'           => __( 'Related posts', 'related-posts' ),
			'description'     => __( 'Posts to read next, as your related-posts service has chosen them.', 'related-posts' ),
			'keywords'        => array( 'related', 'similar', 'yarpp' ),
			'icon'            => 'list-view',
			'category'        => 'widgets',
			'editor_script'   => 'related-posts-block',
			// Only there: readers' pages ask for it where a list is.
			'editor_style'    => 'related-posts',
			'render_callback' => __NAMESPACE__ . '\block',
			'attributes'      => $choices,
			'supports'        => array(
				'align' => array( 'wide', 'full' ),
				'html'  => false,
			),
		)
	);
}
add_action( 'init', __NAMESPACE__ . '\register_block' );

/**
 * Tells the editor the blog's own settings, which hold for what a block does not choose.
 */
function tell_the_editor() {
	$names   = array( 'limit', 'heading', 'layout', 'thumbnail', 'excerpt', 'date', 'author' );
	$example = array(
		'usual'   => array_intersect_key( settings(), array_flip( $names ) ),
		'layouts' => layouts(),
	);
	wp_add_inline_script( 'related-posts-block', 'var relatedPostsBlock = ' . wp_json_encode( $example ) . ';', 'before' );
}
add_action( 'enqueue_block_editor_assets', __NAMESPACE__ . '\tell_the_editor' );

/**
 * A block's list.
 *
 * @param array $attributes What was chosen.
 * @return string HTML.
 */
function block( $attributes ) {
	$chosen = array_intersect_key( $attributes, array_flip( CHOICES ) );
	$post   = post_of_block();
	if ( is_editor() && ( ! $post || 'publish' !== get_post_status( $post ) ) ) {
		$html = example( $chosen );
	} else {
		$html = render( $post, $chosen );
	}
	return '' === $html ? '' : sprintf( '<div %s>%s</div>', get_block_wrapper_attributes(), $html );
}

/**
 * The post that a block shows the list of; in a sidebar the page's own, or none.
 *
 * @return int Its number, or 0.
 */
function post_of_block() {
	if ( doing_filter( 'widget_block_content' ) ) {
		// Behind the loop, the post that is "the" post is the last one of the page.
		return is_singular() ? get_queried_object_id() : 0;
	}
	return (int) get_the_ID();
}

/**
 * Whether the editor asks for its preview.
 *
 * @return bool
 */
function is_editor() {
	$route = isset( $GLOBALS['wp']->query_vars['rest_route'] ) ? $GLOBALS['wp']->query_vars['rest_route'] : '';
	return is_string( $route ) && 0 === strpos( $route, '/wp/v2/block-renderer/' );
}

/**
 * The list of the newest post, to see what the choices do where there is no post yet.
 *
 * @param array $chosen What was chosen.
 * @return string HTML.
 */
function example( $chosen ) {
	$newest = get_posts( array( 'numberposts' => 1 ) );
	$html   = $newest ? render( $newest[0]->ID, $chosen ) : '';
	if ( '' === $html ) {
		return '';
	}
	/* translators: %s: the title of a post. */
	$text = __( 'An example, the list of “%s”. Each post gets its own once it is published.', 'related-posts' );
	return sprintf( '<p class="related-posts-example"><small>%s</small></p>%s', plain( sprintf( $text, wp_strip_all_tags( get_the_title( $newest[0] ) ) ) ), $html );
}
