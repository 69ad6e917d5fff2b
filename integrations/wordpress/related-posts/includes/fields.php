<?php
/**
 * The fields of the settings page.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

/**
 * Prints every setting, in sections.
 *
 * @param array $now The settings.
 */
function print_fields( $now ) {
	print_section( __( 'Connection', 'related-posts' ) );
	print_connection( $now );
	print_section( __( 'Where lists stand', 'related-posts' ) );
	$types = array();
	foreach ( get_post_types( array( 'public' => true ), 'objects' ) as $type ) {
		if ( 'attachment' !== $type->name || in_array( 'attachment', $now['post_types'], true ) ) {
			$types[ $type->name ] = $type->label;
		}
	}
	$name  = OPTION . '[post_types][]';
	$boxes = sprintf( '<input type="hidden" name="%s" value="">', esc_attr( $name ) );
	foreach ( $types as $type => $text ) {
		$boxes .= box( $name, $type, in_array( $type, $now['post_types'], true ), $text );
	}
	print_group( __( 'At the end of', 'related-posts' ), $boxes );
	print_boxes( __( 'Other plugins', 'related-posts' ), array( 'replace' => __( 'In place of the lists of YARPP, Jetpack and Contextual Related Posts', 'related-posts' ) ), $now );

	print_section( __( 'How they look', 'related-posts' ) );
	print_select( 'layout', __( 'Layout', 'related-posts' ), layouts(), $now['layout'] );
	print_input( 'limit', __( 'Most posts', 'related-posts' ), $now['limit'], 'number', 'min="1" max="20"' );
	print_input( 'heading', __( 'Heading', 'related-posts' ), $now['heading'] );
	print_input( 'level', __( 'Level of the heading', 'related-posts' ), $now['level'], 'number', 'min="2" max="6"' );
	print_boxes(
		__( 'With each post', 'related-posts' ),
		array(
			'thumbnail' => __( 'Picture', 'related-posts' ),
			'excerpt'   => __( 'Excerpt', 'related-posts' ),
			'date'      => __( 'Date', 'related-posts' ),
			'author'    => __( 'Author', 'related-posts' ),
		),
		$now
	);
	print_input( 'css_class', __( 'Further CSS classes', 'related-posts' ), $now['css_class'] );

	print_section( __( 'Which posts', 'related-posts' ) );
	$commas = __( 'Names, separated by commas.', 'related-posts' );
	print_input( 'not_category', __( 'None in the categories', 'related-posts' ), $now['not_category'], 'text', '', $commas );
	print_input( 'not_tag', __( 'None with the tags', 'related-posts' ), $now['not_tag'], 'text', '', $commas );
	print_input( 'recent', __( 'Only those of the last', 'related-posts' ), $now['recent'], 'text', 'placeholder="6 months"' );
	print_boxes( __( 'Order of time', 'related-posts' ), array( 'past_only' => __( 'Only posts that are older than the one shown', 'related-posts' ) ), $now );
	print_input( 'fallback', __( 'Fill short lists with', 'related-posts' ), $now['fallback'], 'text', 'placeholder="category,recent"', __( 'Any of category, tag, author, search and recent, in the order in which they are tried.', 'related-posts' ) );

	print_section( __( 'Waiting', 'related-posts' ) );
	print_input( 'cache', __( 'Ask anew after', 'related-posts' ), $now['cache'], 'number', 'min="60" max="86400"', __( 'Seconds. Until then, and while the service is away, the kept list is shown.', 'related-posts' ) );
	print_input( 'timeout', __( 'A page waits at most', 'related-posts' ), $now['timeout'], 'number', 'min="0.1" max="1" step="0.1"', __( 'Seconds, and only where no list is kept.', 'related-posts' ) );
	echo '</table>';
}

/**
 * Prints what is needed to ask the service and to tell it of changes.
 *
 * @param array $now The settings.
 */
function print_connection( $now ) {
	$ways = array(
		'id'  => __( 'Number (the service reads WordPress itself)', 'related-posts' ),
		'url' => __( 'Address (the service reads a feed or the site)', 'related-posts' ),
	);
	print_input( 'service', __( 'Address of the service', 'related-posts' ), $now['service'], 'url', 'placeholder="https://related.example"', __( 'Saving tests the connection.', 'related-posts' ) );
	if ( defined( 'RELATED_POSTS_KEY' ) ) {
		$help = __( 'Set by RELATED_POSTS_KEY in wp-config.php.', 'related-posts' );
	} elseif ( '' !== $now['key'] ) {
		$help = __( 'A key is set. Leave this empty to keep it.', 'related-posts' );
	} else {
		$help = __( 'Of the scope “write”; without one, changes are not sent.', 'related-posts' );
	}
	$more = 'autocomplete="off"' . ( defined( 'RELATED_POSTS_KEY' ) ? ' disabled' : '' );
	print_input( 'key', __( 'Key', 'related-posts' ), '', 'password', $more, $help );
	if ( '' !== $now['key'] && ! defined( 'RELATED_POSTS_KEY' ) ) {
		print_row( '', box( OPTION . '[forget_key]', '1', false, __( 'Forget the key', 'related-posts' ) ) );
	}
	print_select( 'ask_by', __( 'Posts are known by', 'related-posts' ), $ways, $now['ask_by'] );
}

/**
 * Begins a section, and ends the one before it.
 *
 * @param string $title In words.
 */
function print_section( $title ) {
	static $is_open = false;
	echo $is_open ? '</table>' : '';
	$is_open = true;
	echo '<h2 class="title">' . esc_html( $title ) . '</h2><table class="form-table" role="presentation">';
}

/**
 * Prints a row.
 *
 * @param string $label Text.
 * @param string $html  The field, escaped.
 * @param string $name  The setting that the label is for; none for several fields.
 */
function print_row( $label, $html, $name = '' ) {
	$label = '' === $name ? esc_html( $label ) : sprintf( '<label for="related-posts-%s">%s</label>', esc_attr( $name ), esc_html( $label ) );
	// Escaped by who made it, line by line.
	echo '<tr><th scope="row">' . $label . '</th><td>' . $html . '</td></tr>'; // phpcs:ignore WordPress.Security.EscapeOutput.OutputNotEscaped
}

/**
 * Prints a row of several fields, which its label names together.
 *
 * @param string $label Text.
 * @param string $html  The fields, escaped.
 */
function print_group( $label, $html ) {
	print_row( $label, sprintf( '<fieldset><legend class="screen-reader-text">%s</legend>%s</fieldset>', esc_html( $label ), $html ) );
}

/**
 * Prints a field.
 *
 * @param string $name  The setting.
 * @param string $label In words.
 * @param mixed  $value What it is.
 * @param string $type  Of the input.
 * @param string $more  Further attributes, which are ours.
 * @param string $help  A sentence below.
 */
function print_input( $name, $label, $value, $type = 'text', $more = '', $help = '' ) {
	$help_id = 'related-posts-' . $name . '-help';
	$html    = sprintf( '<input id="related-posts-%1$s" name="%2$s" type="%3$s" value="%4$s" %5$s', esc_attr( $name ), esc_attr( OPTION . "[$name]" ), esc_attr( $type ), esc_attr( (string) $value ), $more );
	$html   .= '' === $help ? '' : sprintf( ' aria-describedby="%s"', esc_attr( $help_id ) );
	$html   .= 'number' === $type ? ' class="small-text">' : ' class="regular-text">';
	$html   .= '' === $help ? '' : sprintf( '<p class="description" id="%s">%s</p>', esc_attr( $help_id ), esc_html( $help ) );
	print_row( $label, $html, $name );
}

/**
 * A field to tick.
 *
 * @param string $name       Of the field.
 * @param string $value      What it sends.
 * @param bool   $is_checked Whether it is ticked.
 * @param string $text       In words.
 * @return string HTML.
 */
function box( $name, $value, $is_checked, $text ) {
	return sprintf( '<p><label><input type="checkbox" name="%s" value="%s"%s> %s</label></p>', esc_attr( $name ), esc_attr( $value ), checked( $is_checked, true, false ), esc_html( $text ) );
}

/**
 * Prints settings to tick, in one row.
 *
 * @param string $label   In words.
 * @param array  $choices Name of a setting to words.
 * @param array  $now     The settings.
 */
function print_boxes( $label, $choices, $now ) {
	$html = '';
	foreach ( $choices as $name => $text ) {
		// A browser sends nothing for an empty box; the hidden field says so.
		$field = OPTION . "[$name]";
		$html .= sprintf( '<input type="hidden" name="%s" value="0">', esc_attr( $field ) ) . box( $field, '1', $now[ $name ], $text );
	}
	print_group( $label, $html );
}

/**
 * Prints a choice.
 *
 * @param string $name    The setting.
 * @param string $label   In words.
 * @param array  $choices Value to words.
 * @param string $value   What it is.
 */
function print_select( $name, $label, $choices, $value ) {
	$html = sprintf( '<select id="related-posts-%s" name="%s">', esc_attr( $name ), esc_attr( OPTION . "[$name]" ) );
	foreach ( $choices as $choice => $words ) {
		$html .= sprintf( '<option value="%s"%s>%s</option>', esc_attr( $choice ), selected( $value, $choice, false ), esc_html( $words ) );
	}
	print_row( $label, $html . '</select>', $name );
}
