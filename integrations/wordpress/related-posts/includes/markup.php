<?php
/**
 * A list as HTML. Everything the service says is escaped here and nowhere else.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

/**
 * The list of a post, or nothing where there is nothing to show.
 *
 * @param int   $post_id The post; 0 is none.
 * @param array $chosen  Settings of this list; the blog's own apply to the others.
 * @return string HTML.
 */
function render( $post_id, $chosen = array() ) {
	// WordPress takes 0 for the post that was shown last.
	$post = $post_id ? get_post( $post_id ) : null;
	if ( ! $post || 'publish' !== $post->post_status || is_no_page() ) {
		return '';
	}
	$settings = sanitize( array_merge( settings(), $chosen ) );
	// The place of the service and its key are nobody's to choose for one list.
	$settings = array_merge( $settings, array_intersect_key( settings(), array_flip( array( 'service', 'key' ) ) ) );
	/**
	 * Filters the items of a list before they are shown.
	 *
	 * @param array $items   Items as the service sends them.
	 * @param int   $post_id The post.
	 */
	$items = apply_filters( 'related_posts_items', related( $post->ID, $settings ), $post->ID );
	if ( ! is_array( $items ) || ! $items ) {
		return '';
	}
	wp_enqueue_style( 'related-posts' );
	$lines = '';
	foreach ( array_filter( $items, __NAMESPACE__ . '\is_item' ) as $item ) {
		$lines .= item( $item, $settings );
	}
	$classes = array_merge( classes( $settings ), explode( ' ', $settings['css_class'] ) );
	$classes = implode( ' ', array_filter( array_map( 'sanitize_html_class', $classes ) ) );
	$heading = $settings['heading'];
	$label   = '' === $heading ? __( 'Related posts', 'related-posts' ) : $heading;
	$html    = sprintf( '<section class="%s" aria-label="%s">', esc_attr( $classes ), esc_attr( $label ) );
	if ( '' !== $heading ) {
		$html .= sprintf( '<h%1$d class="related-posts-heading">%2$s</h%1$d>', $settings['level'], esc_html( $heading ) );
	}
	$html .= "<ul class=\"related-posts-items\">$lines</ul></section>";
	/**
	 * Filters a list's HTML.
	 *
	 * @param string $html    The list.
	 * @param array  $items   Its items.
	 * @param int    $post_id The post.
	 */
	return (string) apply_filters( 'related_posts_html', $html, $items, $post->ID );
}

/**
 * The classes by which the style sheet knows a list.
 *
 * @param array $settings Settings.
 * @return string[]
 */
function classes( $settings ) {
	$classes = array( 'related-posts', 'related-posts-' . $settings['layout'] );
	if ( has_pictures( $settings ) ) {
		$classes[] = 'related-posts-pictured';
	}
	if ( 'grid' === $settings['layout'] ) {
		$limit     = $settings['limit'];
		$columns   = $limit < 5 ? max( $limit, 2 ) : ( $limit % 4 ? 3 : 4 );
		$classes[] = "related-posts-by-$columns";
	}
	return $classes;
}

/**
 * Whether items have pictures.
 *
 * @param array $settings Settings.
 * @return bool
 */
function has_pictures( $settings ) {
	return $settings['thumbnail'] && 'text' !== $settings['layout'];
}

/**
 * One item.
 *
 * @param array $item     As the service sends it; its URL and title are text.
 * @param array $settings Settings.
 * @return string HTML.
 */
function item( $item, $settings ) {
	$picture = has_pictures( $settings ) ? picture( $item ) : '';
	$html    = sprintf(
		'<li class="related-posts-item"><a class="related-posts-link" href="%s">%s<span class="related-posts-title">%s</span></a>',
		esc_url( $item['url'], array( 'http', 'https' ) ),
		$picture,
		plain( '' === $item['title'] ? $item['url'] : $item['title'] )
	);
	if ( $settings['excerpt'] && '' !== text_of( $item, 'excerpt' ) ) {
		$html .= sprintf( '<p class="related-posts-excerpt">%s</p>', plain( text_of( $item, 'excerpt' ) ) );
	}
	$moment = $settings['date'] ? strtotime( text_of( $item, 'published' ) ) : false;
	if ( false !== $moment ) {
		$html .= sprintf(
			'<time class="related-posts-date" datetime="%s">%s</time>',
			esc_attr( wp_date( 'c', $moment ) ),
			esc_html( wp_date( get_option( 'date_format' ), $moment ) )
		);
	}
	if ( $settings['author'] && '' !== text_of( $item, 'author' ) ) {
		$html .= sprintf( '<span class="related-posts-author">%s</span>', plain( text_of( $item, 'author' ) ) );
	}
	return $html . '</li>';
}

/**
 * An item's picture, or the first letter of its title in the place of one.
 *
 * @param array $item As the service sends it.
 * @return string HTML.
 */
function picture( $item ) {
	$image = isset( $item['image'] ) && is_array( $item['image'] ) ? $item['image'] : array();
	$src   = esc_url( text_of( $image, 'src' ), array( 'http', 'https' ) );
	if ( '' === $src ) {
		$letter = mb_substr( trim( $item['title'] ), 0, 1 );
		return sprintf( '<span class="related-posts-picture" aria-hidden="true">%s</span>', plain( $letter ) );
	}
	$size = '';
	if ( ! empty( $image['width'] ) && ! empty( $image['height'] ) ) {
		$size = sprintf( ' width="%d" height="%d"', $image['width'], $image['height'] );
	}
	// Beside a title that says the same to who cannot see it, a picture has no text.
	return sprintf( '<img class="related-posts-picture" src="%s" alt=""%s loading="lazy" decoding="async">', $src, $size );
}

/**
 * A member that is text, or nothing.
 *
 * @param array  $holder Item or picture.
 * @param string $name   The member.
 * @return string
 */
function text_of( $holder, $name ) {
	return isset( $holder[ $name ] ) && is_string( $holder[ $name ] ) ? $holder[ $name ] : '';
}

/**
 * Plain text as HTML. `esc_html` would take `&lt;` in a title for a character that is escaped
 * already; the service's texts are not.
 *
 * @param string $text What the service says.
 * @return string HTML.
 */
function plain( $text ) {
	return htmlspecialchars( $text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8' );
}
