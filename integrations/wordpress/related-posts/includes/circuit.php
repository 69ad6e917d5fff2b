<?php
/**
 * A circuit breaker: a service that does not answer is left alone for a while.
 *
 * After FAILURES failures in a row nobody asks for PAUSE_SECONDS. Then one request tries; if it
 * fails, the pause begins again. So readers of a whole blog wait for a dead service a few times
 * a minute at most, each for the timeout, and only where no earlier answer is kept.
 *
 * @package Related_Posts
 */

namespace Related_Posts;

defined( 'ABSPATH' ) || exit;

const CIRCUIT       = 'related_posts_circuit';
const FAILURES      = 2;
const PAUSE_SECONDS = 60;

/**
 * Whether the service may be asked now. Who is told yes after a pause is the one who tries.
 *
 * @return bool
 */
function may_ask() {
	$circuit = get_transient( CIRCUIT );
	if ( ! is_array( $circuit ) || $circuit['failures'] < FAILURES ) {
		return true;
	}
	if ( $circuit['until'] > time() ) {
		return false;
	}
	$circuit['until'] = time() + PAUSE_SECONDS;
	set_transient( CIRCUIT, $circuit, HOUR_IN_SECONDS );
	return true;
}

/**
 * Notes how a request went.
 *
 * @param bool $answered Whether the service gave an answer, of whatever kind.
 */
function note_outcome( $answered ) {
	$circuit = get_transient( CIRCUIT );
	if ( $answered ) {
		if ( is_array( $circuit ) ) {
			delete_transient( CIRCUIT );
		}
		return;
	}
	$failures = is_array( $circuit ) ? $circuit['failures'] + 1 : 1;
	$circuit  = array(
		'failures' => min( FAILURES, $failures ),
		'until'    => time() + PAUSE_SECONDS,
	);
	set_transient( CIRCUIT, $circuit, HOUR_IN_SECONDS );
}
