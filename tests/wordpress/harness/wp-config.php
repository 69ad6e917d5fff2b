<?php
// The configuration of a scratch blog. What differs from run to run stands beside it.
$scratch = require __DIR__ . '/scratch.php';
define('DB_NAME', $scratch['database']);
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . $scratch['socket']);
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', $scratch['home']);
define('WP_SITEURL', $scratch['home']);
// A local blog may use application passwords over http.
define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_DEBUG', true);
define('WP_DEBUG_DISPLAY', false);
define('WP_DEBUG_LOG', __DIR__ . '/debug.log');
define('WP_DISABLE_FATAL_ERROR_HANDLER', true);
// Nothing by itself: no scheduled tasks, no updates, no other server.
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', 'no secret: ' . $name);
    define($name . '_SALT', 'no secret either: ' . $name);
}
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
