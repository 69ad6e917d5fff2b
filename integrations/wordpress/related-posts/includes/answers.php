<?php
/**
 * What the service answers, kept so that a page does not wait for it.
 *
 * An answer is kept for KEEP_SECONDS and is fresh for the setting `cache`. A page is given what
 * is kept, however old; what is not fresh is asked for anew after the page has been sent. Only a
 * page for which nothing is kept waits, at most for the setting `timeout`.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const KEPT           = 'related_posts_a_';
const KEEP_SECONDS   = WEEK_IN_SECONDS;
const RETRY_SECONDS  = 60;
const MOST_RENEWALS  = 3;
const ANSWER_MEMBERS = 'id,url,title,excerpt,published,author,image';

/**
 * The posts to show with a post, best first; empty where there are none or nothing is known.
 *
 * @param int   $post_id  The post.
 * @param array $settings Settings, those of one list among them.
 * @return array Items as the service sends them.
 */
function related( $post_id, $settings ) {
	if ( '' === $settings['service'] ) {
		return array();
	}
	$address = question( $post_id, $settings );
	$name    = KEPT . md5( $address );
	$kept    = get_transient( $name );
	if ( ! is_array( $kept ) || ! isset( $kept['items'], $kept['fresh_until'] ) ) {
		$kept = renew( $name, $address, $settings, array() );
	} elseif ( $kept['fresh_until'] < time() ) {
		renew_later( $name, $address, $settings, $kept['items'] );
	}
	return array_slice( public_items( $kept['items'] ), 0, $settings['limit'] );
}

/**
 * The address that asks for a list.
 *
 * A few more than are shown, because posts that were taken back since are left out here.
 *
 * @param int   $post_id  The post.
 * @param array $settings Settings.
 * @return string
 */
function question( $post_id, $settings ) {
	$asked  = array(
		'limit'  => $settings['limit'] + 3,
		'fields' => ANSWER_MEMBERS,
	);
	$asked += 'url' === $settings['ask_by'] ? array( 'url' => get_permalink( $post_id ) ) : array( 'id' => $post_id );
	foreach ( array( 'recent', 'fallback' ) as $name ) {
		if ( '' !== $settings[ $name ] ) {
			$asked[ $name ] = $settings[ $name ];
		}
	}
	if ( $settings['past_only'] ) {
		$asked['past_only'] = 'true';
	}
	$address = $settings['service'] . '/v1/related?' . http_build_query( $asked, '', '&', PHP_QUERY_RFC3986 );
	foreach ( array( 'not_category', 'not_tag' ) as $name ) {
		foreach ( array_slice( names_in( $settings[ $name ] ), 0, 20 ) as $value ) {
			$address .= "&$name=" . rawurlencode( $value );
		}
	}
	return $address;
}

/**
 * Names that are separated by commas.
 *
 * @param string $text What was typed.
 * @return string[]
 */
function names_in( $text ) {
	return array_values( array_filter( array_map( 'trim', explode( ',', $text ) ), 'strlen' ) );
}

/**
 * Asks, and keeps what comes; without an answer, what was kept before is kept on.
 *
 * @param string $name     What the answer is kept as.
 * @param string $address  The question.
 * @param array  $settings Settings.
 * @param array  $earlier  Items that are kept.
 * @return array What is kept now: `items` and `fresh_until`.
 */
function renew( $name, $address, $settings, $earlier ) {
	if ( ! may_ask() ) {
		// Not kept: as soon as the service is back, the next page asks.
		return array(
			'items'       => $earlier,
			'fresh_until' => 0,
		);
	}
	$items = ask( $address, $settings );
	$kept  = array(
		'items'       => null === $items ? $earlier : $items,
		'fresh_until' => time() + ( $items ? (int) $settings['cache'] : RETRY_SECONDS ),
	);
	if ( null !== $items || $earlier ) {
		set_transient( $name, $kept, KEEP_SECONDS );
	}
	return $kept;
}

/**
 * Does the same once the page has been sent; at most a few for one page.
 *
 * @param string $name     What the answer is kept as.
 * @param string $address  The question.
 * @param array  $settings Settings.
 * @param array  $earlier  Items that are kept.
 */
function renew_later( $name, $address, $settings, $earlier ) {
	static $waiting = array();
	if ( isset( $waiting[ $name ] ) || count( $waiting ) >= MOST_RENEWALS ) {
		return;
	}
	$waiting[ $name ] = true;
	after_the_page(
		static function () use ( $name, $address, $settings, $earlier ) {
			// First, so that the requests meanwhile do not ask the same.
			$kept = array(
				'items'       => $earlier,
				'fresh_until' => time() + RETRY_SECONDS,
			);
			set_transient( $name, $kept, KEEP_SECONDS );
			renew( $name, $address, $settings, $earlier );
		}
	);
}

/**
 * Runs something after the answer to the browser is complete.
 *
 * PHP-FPM and LiteSpeed end the answer first; elsewhere it has been sent, but the connection
 * stays open until this is done.
 *
 * @param callable $work What to do.
 */
function after_the_page( $work ) {
	add_action(
		'shutdown',
		static function () use ( $work ) {
			if ( function_exists( 'fastcgi_finish_request' ) ) {
				fastcgi_finish_request();
			} elseif ( function_exists( 'litespeed_finish_request' ) ) {
				litespeed_finish_request();
			} elseif ( 'cli' !== PHP_SAPI ) {
				flush();
			}
			$work();
		},
		100
	);
}

/**
 * Asks the service.
 *
 * @param string $address  The question.
 * @param array  $settings Settings.
 * @return array|null Items; none for a post that is not known; null where no good answer came.
 */
function ask( $address, $settings ) {
	$response = request( $address, $settings['timeout'], array() );
	$status   = (int) wp_remote_retrieve_response_code( $response );
	$answered = $status >= 200 && $status < 500 && 429 !== $status;
	note_outcome( $answered );
	if ( 404 === $status ) {
		return array();
	}
	$body = 200 === $status ? json_decode( wp_remote_retrieve_body( $response ), true ) : null;
	if ( ! is_array( $body ) || ! isset( $body['items'] ) || ! is_array( $body['items'] ) ) {
		return null;
	}
	return array_values( array_filter( $body['items'], __NAMESPACE__ . '\is_item' ) );
}

/**
 * Whether something is an item that can be shown.
 *
 * @param mixed $item What the service sent.
 * @return bool
 */
function is_item( $item ) {
	return is_array( $item ) && isset( $item['url'], $item['title'] )
		&& is_string( $item['url'] ) && is_string( $item['title'] )
		&& '' !== esc_url( $item['url'], array( 'http', 'https' ) );
}

/**
 * Leaves out posts of this blog that are no longer public, whatever the service still says.
 *
 * @param array $items Items.
 * @return array
 */
function public_items( $items ) {
	$home = wp_parse_url( home_url(), PHP_URL_HOST );
	$ours = array();
	foreach ( $items as $place => $item ) {
		$id = isset( $item['id'] ) ? $item['id'] : '';
		if ( is_string( $id ) && ctype_digit( $id ) && wp_parse_url( $item['url'], PHP_URL_HOST ) === $home ) {
			$ours[ $place ] = (int) $id;
		}
	}
	// One statement for all of them.
	_prime_post_caches( array_values( $ours ), false, false );
	foreach ( $ours as $place => $id ) {
		$post = get_post( $id );
		if ( ! $post || 'publish' !== $post->post_status || '' !== $post->post_password ) {
			unset( $items[ $place ] );
		}
	}
	return array_values( $items );
}
