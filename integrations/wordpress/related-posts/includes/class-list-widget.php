<?php
/**
 * The widget for sidebars.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

/**
 * Shows the related posts of the post that a page shows; nothing on other pages.
 */
class List_Widget extends \WP_Widget {

	/**
	 * Names it.
	 */
	public function __construct() {
		parent::__construct(
			'related_posts_list',
			__( 'Related posts', 'related-posts' ),
			array( 'description' => __( 'The related posts of the post on the page.', 'related-posts' ) )
		);
	}

	/**
	 * Prints it.
	 *
	 * @param array $args     Of the sidebar.
	 * @param array $instance What was chosen.
	 */
	public function widget( $args, $instance ) {
		if ( ! is_singular() ) {
			return;
		}
		$title = isset( $instance['title'] ) ? $instance['title'] : '';
		$html  = render(
			get_queried_object_id(),
			array(
				'limit'   => isset( $instance['limit'] ) ? $instance['limit'] : 4,
				'layout'  => 'text',
				'heading' => '',
			)
		);
		if ( '' === $html ) {
			return;
		}
		// phpcs:disable WordPress.Security.EscapeOutput.OutputNotEscaped -- The theme's own HTML, and ours.
		echo $args['before_widget'];
		if ( '' !== $title ) {
			echo $args['before_title'] . esc_html( $title ) . $args['after_title'];
		}
		echo $html . $args['after_widget'];
		// phpcs:enable
	}

	/**
	 * Prints its form.
	 *
	 * @param array $instance What was chosen.
	 */
	public function form( $instance ) {
		$title = isset( $instance['title'] ) ? $instance['title'] : __( 'Related posts', 'related-posts' );
		$limit = isset( $instance['limit'] ) ? $instance['limit'] : 4;
		printf(
			'<p><label for="%1$s">%2$s</label><input class="widefat" id="%1$s" name="%3$s" value="%4$s"></p>',
			esc_attr( $this->get_field_id( 'title' ) ),
			esc_html__( 'Title', 'related-posts' ),
			esc_attr( $this->get_field_name( 'title' ) ),
			esc_attr( $title )
		);
		printf(
			'<p><label for="%1$s">%2$s</label> <input type="number" min="1" max="20" id="%1$s" name="%3$s" value="%4$d"></p>',
			esc_attr( $this->get_field_id( 'limit' ) ),
			esc_html__( 'Most posts', 'related-posts' ),
			esc_attr( $this->get_field_name( 'limit' ) ),
			(int) $limit
		);
	}

	/**
	 * Checks what its form sends.
	 *
	 * @param array $sent What was sent.
	 * @param array $kept What was chosen before.
	 * @return array
	 */
	public function update( $sent, $kept ) {
		return array(
			'title' => sanitize_text_field( isset( $sent['title'] ) ? $sent['title'] : '' ),
			'limit' => between( $sent, 'limit', 1, 20 ),
		);
	}
}

add_action(
	'widgets_init',
	static function () {
		register_widget( List_Widget::class );
	}
);

// Where widgets are blocks, the block is what can be added; widgets that are there stay.
add_filter(
	'widget_types_to_hide_from_legacy_widget_block',
	static function ( $types ) {
		$types[] = 'related_posts_list';
		return $types;
	}
);
