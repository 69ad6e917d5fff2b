<?php
/**
 * One request to the service, over after its time in every case.
 *
 * WordPress's own timeout bounds the whole request only where PHP has cURL. Elsewhere it bounds
 * each read, and a connection may take ten seconds; both are cut short here.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const MOST_BYTES = 262144;

/**
 * Asks.
 *
 * @param string $address Where.
 * @param float  $timeout Seconds for all of it.
 * @param array  $more    Arguments of `wp_remote_request`.
 * @return array|\WP_Error As `wp_remote_request` returns.
 */
function request( $address, $timeout, $more ) {
	$end     = microtime( true ) + $timeout;
	$connect = static function ( &$url, &$headers, &$data, &$type, &$options ) use ( $timeout ) {
		$options['connect_timeout'] = $timeout;
	};
	$watch   = static function () use ( $end ) {
		if ( microtime( true ) > $end ) {
			$exception = class_exists( '\WpOrg\Requests\Exception' ) ? '\WpOrg\Requests\Exception' : '\Requests_Exception';
			throw new $exception( 'The service took too long.', 'related-posts.timeout' );
		}
	};
	add_action( 'requests-requests.before_request', $connect, 10, 5 );
	add_action( 'requests-request.progress', $watch );
	$more['headers'] = ( isset( $more['headers'] ) ? $more['headers'] : array() ) + array( 'Accept' => 'application/json' );
	$response        = wp_remote_request(
		$address,
		$more + array(
			'timeout'             => $timeout,
			'redirection'         => 0,
			'limit_response_size' => MOST_BYTES,
			'user-agent'          => 'related-posts for WordPress/' . VERSION,
		)
	);
	remove_action( 'requests-requests.before_request', $connect );
	remove_action( 'requests-request.progress', $watch );
	return $response;
}
