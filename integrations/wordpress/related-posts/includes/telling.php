<?php
/**
 * Tells the service what was published, changed or taken back.
 *
 * A change is first written down (an option of its own, so that two requests never overwrite
 * each other's), then sent once the page has been sent. What did not arrive is sent again by
 * WordPress's scheduler, after a minute, two, four and so on up to an hour, for about a week. The
 * state that is sent is that of the moment of sending: messages may come late or twice.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const PENDING       = 'related_posts_pending_';
const EVENT         = 'related_posts_send';
const MOST_ATTEMPTS = 175;
const AT_ONCE       = 50;

/**
 * Notes that a post has changed.
 *
 * @param int $post_id The post.
 */
function note_change( $post_id ) {
	static $sends = false;
	$settings     = settings();
	if ( '' === $settings['service'] || '' === $settings['key'] ) {
		return;
	}
	update_option( PENDING . $post_id, wp_generate_password( 8, false ) . ':0', false );
	if ( ! wp_next_scheduled( EVENT ) ) {
		wp_schedule_single_event( time() + MINUTE_IN_SECONDS, EVENT );
	}
	if ( ! $sends ) {
		$sends = true;
		after_the_page(
			static function () use ( $settings ) {
				send_pending( $settings['timeout'], 2 * $settings['timeout'] );
			}
		);
	}
}

/**
 * Notes a post that was saved, once its tags and pictures are saved as well.
 *
 * @param int           $post_id The post.
 * @param \WP_Post      $post    As it is now.
 * @param bool          $update  Whether it was there before.
 * @param \WP_Post|null $before  As it was.
 */
function note_saved( $post_id, $post, $update, $before ) {
	$was_public = $before && 'publish' === $before->post_status;
	if ( 'post' === $post->post_type && ( 'publish' === $post->post_status || $was_public ) ) {
		note_change( $post_id );
	}
}
add_action( 'wp_after_insert_post', __NAMESPACE__ . '\note_saved', 10, 4 );

/**
 * Notes a post that appears or disappears in another way: on its date, or by another plugin.
 *
 * @param string   $status As it is now.
 * @param string   $before As it was.
 * @param \WP_Post $post   The post.
 */
function note_transition( $status, $before, $post ) {
	if ( 'post' === $post->post_type && $status !== $before && ( 'publish' === $status || 'publish' === $before ) ) {
		note_change( $post->ID );
	}
}
add_action( 'transition_post_status', __NAMESPACE__ . '\note_transition', 10, 3 );

/**
 * Notes a post that was deleted without having been in the trash.
 *
 * @param int           $post_id The post.
 * @param \WP_Post|null $post    As it was.
 */
function note_deleted( $post_id, $post = null ) {
	if ( $post && 'post' === $post->post_type && 'publish' === $post->post_status ) {
		note_change( $post_id );
	}
}
add_action( 'deleted_post', __NAMESPACE__ . '\note_deleted', 10, 2 );

/**
 * Sends what is written down, and comes back for the rest.
 *
 * @param float $timeout Seconds for one message.
 * @param float $budget  Seconds for all of them.
 */
function send_pending( $timeout = 5.0, $budget = 20.0 ) {
	global $wpdb;
	// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- Options have no other list.
	$names = $wpdb->get_col(
		$wpdb->prepare(
			"SELECT option_name FROM {$wpdb->options} WHERE option_name LIKE %s ORDER BY option_id LIMIT %d",
			$wpdb->esc_like( PENDING ) . '%',
			AT_ONCE
		)
	);
	$settings = settings();
	$end      = microtime( true ) + $budget;
	$attempts = 0;
	$left     = 0;
	foreach ( $names as $name ) {
		$noted = (string) get_option( $name );
		$tried = (int) substr( $noted, strpos( $noted, ':' ) + 1 );
		if ( microtime( true ) < $end && may_ask() ) {
			$settled = send( (int) substr( $name, strlen( PENDING ) ), $settings, $timeout );
			wp_cache_delete( $name, 'options' );
			$changed = get_option( $name ) !== $noted;
			if ( ! $changed && ( $settled || ++$tried >= MOST_ATTEMPTS ) ) {
				delete_option( $name );
				continue;
			}
			if ( ! $changed ) {
				update_option( $name, substr( $noted, 0, strpos( $noted, ':' ) + 1 ) . $tried, false );
			}
		}
		++$left;
		$attempts = max( $attempts, $tried );
	}
	wp_clear_scheduled_hook( EVENT );
	if ( $left || count( $names ) === AT_ONCE ) {
		$pause = min( HOUR_IN_SECONDS, MINUTE_IN_SECONDS * 2 ** min( 6, $attempts ) );
		wp_schedule_single_event( time() + $pause, EVENT );
	}
}
add_action( EVENT, __NAMESPACE__ . '\send_pending', 10, 0 );

/**
 * Sends one post as it is now.
 *
 * @param int   $post_id  The post.
 * @param array $settings Settings.
 * @param float $timeout  Seconds.
 * @return bool Whether it need not be sent again: it arrived, or no repetition would help.
 */
function send( $post_id, $settings, $timeout ) {
	$response = request(
		$settings['service'] . '/v1/hooks/wordpress',
		$timeout,
		array(
			'method'  => 'POST',
			'headers' => array(
				'Authorization' => 'Bearer ' . $settings['key'],
				'Content-Type'  => 'application/json',
			),
			'body'    => wp_json_encode( message( $post_id ) ),
		)
	);
	$status   = (int) wp_remote_retrieve_response_code( $response );
	note_outcome( $status >= 200 && $status < 500 && 429 !== $status );
	// A refused key is mended by a person, and then everything shall arrive.
	return ( $status >= 200 && $status < 300 ) || in_array( $status, array( 400, 413, 422 ), true );
}

/**
 * What is said of a post: itself if anyone may read it, else that it is not public.
 *
 * It is read as a visitor sees it, not as the author who happens to save it.
 *
 * @param int $post_id The post.
 * @return array
 */
function message( $post_id ) {
	$post   = get_post( $post_id );
	$status = $post ? $post->post_status : 'trash';
	if ( 'publish' === $status && '' === $post->post_password ) {
		$who = get_current_user_id();
		wp_set_current_user( 0 );
		is_no_page( true );
		$response = rest_do_request( new \WP_REST_Request( 'GET', "/wp/v2/posts/$post_id" ) );
		$content  = $response->is_error() ? null : rest_get_server()->response_to_data( $response, true );
		is_no_page( false );
		wp_set_current_user( $who );
		if ( $content ) {
			return $content;
		}
	}
	return array(
		'id'           => (int) $post_id,
		'type'         => 'post',
		'status'       => 'publish' === $status ? 'private' : $status,
		// Tells the service which message is the newer, should two overtake each other.
		'modified_gmt' => $post ? get_post_modified_time( 'Y-m-d\TH:i:s', true, $post ) : null,
	);
}

/**
 * Sends nothing further, when the plugin is deactivated.
 */
function stop_telling() {
	wp_clear_scheduled_hook( EVENT );
}
