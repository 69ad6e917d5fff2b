<?php
/**
 * The settings page.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const PAGE   = 'related-posts';
const RESULT = 'related_posts_result_';

/**
 * Registers settings and page.
 */
function register_settings() {
	register_setting(
		PAGE,
		OPTION,
		array(
			'type'              => 'object',
			'sanitize_callback' => __NAMESPACE__ . '\sanitize',
		)
	);
}
add_action( 'admin_init', __NAMESPACE__ . '\register_settings' );

/**
 * Adds the page to the menu.
 */
function add_page() {
	$name = __( 'Related posts', 'related-posts' );
	add_options_page( $name, $name, 'manage_options', PAGE, __NAMESPACE__ . '\print_page' );
}
add_action( 'admin_menu', __NAMESPACE__ . '\add_page' );

/**
 * Adds a link to the page beside the plugin's name.
 *
 * @param array $links Links.
 * @return array
 */
function add_link( $links ) {
	array_unshift( $links, sprintf( '<a href="%s">%s</a>', esc_url( page_address() ), esc_html__( 'Settings', 'related-posts' ) ) );
	return $links;
}
add_filter( 'plugin_action_links_' . plugin_basename( MAIN_FILE ), __NAMESPACE__ . '\add_link' );

/**
 * The page's address.
 *
 * @return string
 */
function page_address() {
	return admin_url( 'options-general.php?page=' . PAGE );
}

/**
 * Runs the connection test, and shows its result on the page.
 */
function do_test() {
	check_permission( 'related_posts_test' );
	finish( test_connection() );
}
add_action( 'admin_post_related_posts_test', __NAMESPACE__ . '\do_test' );

/**
 * Takes over YARPP's settings.
 */
function do_migrate() {
	check_permission( 'related_posts_migrate' );
	$found = from_yarpp( get_option( 'yarpp' ) );
	if ( ! $found ) {
		finish( array( line( false, __( 'YARPP has left no settings in this blog.', 'related-posts' ) ) ) );
	}
	$kept = get_option( OPTION );
	update_option( OPTION, array_merge( is_array( $kept ) ? $kept : array(), $found ) );
	$text = __( 'YARPP’s settings were taken over: number, heading, pictures, excerpts, excluded terms, time span and post types. Its weights and threshold have no counterpart. YARPP itself was not changed; deactivate it when you are content.', 'related-posts' );
	finish( array( line( true, $text ) ) );
}
add_action( 'admin_post_related_posts_migrate', __NAMESPACE__ . '\do_migrate' );

/**
 * Ends the request unless an administrator sent our own form.
 *
 * @param string $action The form's.
 */
function check_permission( $action ) {
	if ( ! current_user_can( 'manage_options' ) ) {
		wp_die( esc_html__( 'You may not change these settings.', 'related-posts' ), '', array( 'response' => 403 ) );
	}
	check_admin_referer( $action );
}

/**
 * Keeps a result for the page and goes there.
 *
 * @param array $lines Lines of `good` and `text`.
 */
function finish( $lines ) {
	set_transient( RESULT . get_current_user_id(), $lines, MINUTE_IN_SECONDS );
	wp_safe_redirect( page_address() );
	exit;
}

/**
 * Prints the page.
 */
function print_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$result = get_transient( RESULT . get_current_user_id() );
	delete_transient( RESULT . get_current_user_id() );
	echo '<div class="wrap"><h1>' . esc_html( get_admin_page_title() ) . '</h1>';
	foreach ( is_array( $result ) ? $result : array() as $line ) {
		printf( '<div class="notice notice-%s"><p>%s</p></div>', $line['good'] ? 'success' : 'warning', esc_html( $line['text'] ) );
	}
	echo '<form action="options.php" method="post">';
	settings_fields( PAGE );
	echo '<table class="form-table" role="presentation">';
	print_fields( settings() );
	echo '</table>';
	submit_button();
	echo '</form><hr><h2>' . esc_html__( 'Tools', 'related-posts' ) . '</h2>';
	print_button( 'related_posts_test', __( 'Test the connection', 'related-posts' ) );
	if ( false !== get_option( 'yarpp' ) ) {
		print_button( 'related_posts_migrate', __( 'Take over the settings of YARPP', 'related-posts' ) );
	}
	echo '</div>';
}

/**
 * Prints a button that does something at once.
 *
 * @param string $action What.
 * @param string $text   In words.
 */
function print_button( $action, $text ) {
	printf( '<form action="%s" method="post"><input type="hidden" name="action" value="%s">', esc_url( admin_url( 'admin-post.php' ) ), esc_attr( $action ) );
	wp_nonce_field( $action );
	submit_button( $text, 'secondary' );
	echo '</form>';
}

/**
 * Prints every setting's row.
 *
 * @param array $now The settings.
 */
function print_fields( $now ) {
	$layouts = array(
		'list' => __( 'List, picture beside title', 'related-posts' ),
		'grid' => __( 'Grid, picture above title', 'related-posts' ),
		'text' => __( 'Titles only', 'related-posts' ),
	);
	$ways    = array(
		'id'  => __( 'Number (the service reads WordPress itself)', 'related-posts' ),
		'url' => __( 'Address (the service reads a feed or the site)', 'related-posts' ),
	);
	print_input( 'service', __( 'Address of the service', 'related-posts' ), $now['service'], 'url', 'placeholder="https://related.example"' );
	$has_key = '' !== $now['key'];
	$fixed   = defined( 'RELATED_POSTS_KEY' );
	print_input(
		'key',
		__( 'Key', 'related-posts' ),
		'',
		'password',
		'autocomplete="off"' . ( $fixed ? ' disabled' : '' ),
		$fixed ? __( 'Set by RELATED_POSTS_KEY in wp-config.php.', 'related-posts' ) : ( $has_key ? __( 'A key is set. Leave this empty to keep it.', 'related-posts' ) : __( 'Of the scope “write”; without one, changes are not sent.', 'related-posts' ) )
	);
	if ( $has_key && ! $fixed ) {
		print_row( '', sprintf( '<label><input type="checkbox" name="%s" value="1"> %s</label>', esc_attr( OPTION . '[forget_key]' ), esc_html__( 'Forget the key', 'related-posts' ) ) );
	}
	print_select( 'ask_by', __( 'Posts are known by', 'related-posts' ), $ways, $now['ask_by'] );
	$boxes = sprintf( '<input type="hidden" name="%s" value="">', esc_attr( OPTION . '[post_types][]' ) );
	foreach ( get_post_types( array( 'public' => true ), 'objects' ) as $type ) {
		$boxes .= sprintf(
			'<label><input type="checkbox" name="%s" value="%s"%s> %s</label><br>',
			esc_attr( OPTION . '[post_types][]' ),
			esc_attr( $type->name ),
			checked( in_array( $type->name, $now['post_types'], true ), true, false ),
			esc_html( $type->label )
		);
	}
	print_row( __( 'At the end of', 'related-posts' ), $boxes );
	print_box( 'replace', __( 'In place of the lists of YARPP, Jetpack and Contextual Related Posts', 'related-posts' ), $now );
	print_input( 'limit', __( 'Most posts', 'related-posts' ), $now['limit'], 'number', 'min="1" max="20"' );
	print_input( 'heading', __( 'Heading', 'related-posts' ), $now['heading'] );
	print_input( 'level', __( 'Level of the heading', 'related-posts' ), $now['level'], 'number', 'min="2" max="6"' );
	print_select( 'layout', __( 'Layout', 'related-posts' ), $layouts, $now['layout'] );
	print_box( 'thumbnail', __( 'Pictures', 'related-posts' ), $now );
	print_box( 'excerpt', __( 'Excerpts', 'related-posts' ), $now );
	print_box( 'date', __( 'Dates', 'related-posts' ), $now );
	print_box( 'author', __( 'Authors', 'related-posts' ), $now );
	print_input( 'css_class', __( 'Further CSS classes', 'related-posts' ), $now['css_class'] );
	$commas = __( 'Names, separated by commas.', 'related-posts' );
	print_input( 'not_category', __( 'No posts in the categories', 'related-posts' ), $now['not_category'], 'text', '', $commas );
	print_input( 'not_tag', __( 'No posts with the tags', 'related-posts' ), $now['not_tag'], 'text', '', $commas );
	print_input( 'recent', __( 'Only posts of the last', 'related-posts' ), $now['recent'], 'text', 'placeholder="6 months"' );
	print_box( 'past_only', __( 'Only posts that are older than the one shown', 'related-posts' ), $now );
	print_input( 'fallback', __( 'Fill short lists with', 'related-posts' ), $now['fallback'], 'text', 'placeholder="category,recent"' );
	print_input( 'cache', __( 'Seconds after which a list is asked for anew', 'related-posts' ), $now['cache'], 'number', 'min="60" max="86400"' );
	print_input( 'timeout', __( 'Seconds that a page waits at most', 'related-posts' ), $now['timeout'], 'number', 'min="0.1" max="1" step="0.1"' );
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
	$html  = sprintf( '<input id="related-posts-%1$s" name="%2$s" type="%3$s" value="%4$s" %5$s', esc_attr( $name ), esc_attr( OPTION . "[$name]" ), esc_attr( $type ), esc_attr( (string) $value ), $more );
	$html .= 'number' === $type ? ' class="small-text">' : ' class="regular-text">';
	$html .= '' === $help ? '' : '<p class="description">' . esc_html( $help ) . '</p>';
	print_row( $label, $html, $name );
}

/**
 * Prints a field to tick.
 *
 * @param string $name  The setting.
 * @param string $label In words.
 * @param array  $now   The settings.
 */
function print_box( $name, $label, $now ) {
	$field = esc_attr( OPTION . "[$name]" );
	// A browser sends nothing for an empty box; the hidden field says so.
	print_row( '', sprintf( '<input type="hidden" name="%1$s" value="0"><label><input type="checkbox" name="%1$s" value="1"%2$s> %3$s</label>', $field, checked( $now[ $name ], true, false ), esc_html( $label ) ) );
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
