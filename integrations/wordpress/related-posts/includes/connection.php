<?php
/**
 * The connection test of the settings page.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const TEST_SECONDS = 5.0;

/**
 * Looks whether the service answers, knows this blog, and takes the key.
 *
 * @return array Lines of `good` (bool) and `text`.
 */
function test_connection() {
	$settings = settings();
	if ( '' === $settings['service'] ) {
		return array( line( false, __( 'Save the address of the service first.', 'related-posts' ) ) );
	}
	list( $status, $body, $error ) = answer_of( request( $settings['service'] . '/v1/posts?limit=1&fields=id', TEST_SECONDS, array() ) );
	if ( 200 !== $status || ! isset( $body['total'] ) ) {
		/* translators: %s: what went wrong. */
		return array( line( false, sprintf( __( 'The service does not answer as it should: %s', 'related-posts' ), $error ) ) );
	}
	/* translators: 1: number of posts, 2: name of a version. */
	$lines = array( line( true, sprintf( __( 'The service answers. It has %1$d posts, in version %2$s.', 'related-posts' ), (int) $body['total'], (string) $body['version'] ) ) );

	$newest = get_posts(
		array(
			'numberposts'  => 1,
			'has_password' => false,
			'orderby'      => 'date',
		)
	);
	if ( $newest ) {
		list( $status, $body, $error ) = answer_of( request( question( $newest[0]->ID, $settings ), TEST_SECONDS, array() ) );
		if ( 200 === $status && isset( $body['items'] ) ) {
			/* translators: %d: number of posts. */
			$lines[] = line( true, sprintf( __( 'It knows your newest post and has %d to show with it.', 'related-posts' ), count( $body['items'] ) ) );
		} elseif ( 404 === $status ) {
			$lines[] = line( false, __( 'It does not know your newest post. Either it has not been trained since, or it knows posts by other ids: choose “Address” under “Posts are known by”.', 'related-posts' ) );
		} else {
			/* translators: %s: what went wrong. */
			$lines[] = line( false, sprintf( __( 'It refuses the question for your newest post: %s', 'related-posts' ), $error ) );
		}
	}
	$lines[] = test_key( $settings );
	return $lines;
}

/**
 * Looks whether the key may write. A page is passed over by the service: nothing is written.
 *
 * @param array $settings Settings.
 * @return array
 */
function test_key( $settings ) {
	if ( '' === $settings['key'] ) {
		return line( false, __( 'Without a key the service does not hear of changes; it sees them when it reads the blog.', 'related-posts' ) );
	}
	$sent                      = array(
		'method'  => 'POST',
		'headers' => array(
			'Authorization' => 'Bearer ' . $settings['key'],
			'Content-Type'  => 'application/json',
		),
		'body'    => '{"id":1,"type":"page","status":"publish"}',
	);
	list( $status, , $error ) = answer_of( request( $settings['service'] . '/v1/hooks/wordpress', TEST_SECONDS, $sent ) );
	if ( 200 === $status ) {
		return line( true, __( 'The key is good: changes are sent.', 'related-posts' ) );
	}
	/* translators: %s: what went wrong. */
	return line( false, sprintf( __( 'Changes cannot be sent: %s', 'related-posts' ), $error ) );
}

/**
 * One line of the result.
 *
 * @param bool   $good Whether all is well.
 * @param string $text In words.
 * @return array
 */
function line( $good, $text ) {
	return array(
		'good' => $good,
		'text' => $text,
	);
}

/**
 * Status, body and, in words, what is wrong.
 *
 * @param array|\WP_Error $response Of a request.
 * @return array
 */
function answer_of( $response ) {
	if ( is_wp_error( $response ) ) {
		return array( 0, array(), $response->get_error_message() );
	}
	$status = (int) wp_remote_retrieve_response_code( $response );
	$body   = json_decode( wp_remote_retrieve_body( $response ), true );
	$body   = is_array( $body ) ? $body : array();
	$detail = isset( $body['detail'] ) && is_string( $body['detail'] ) ? $body['detail'] : '';
	return array( $status, $body, trim( "$status $detail" ) );
}
