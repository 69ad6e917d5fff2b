<?php
// Runs code inside WordPress: `php run.php FOLDER HOST:PORT`, and on standard input a JSON
// object of `code`, `values` (the variable $values) and `installing`. Prints a JSON object
// of `returned`, which is what the code returned, and `printed`.
[, $folder, $host] = $argv;
$asked = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
$_SERVER['HTTP_HOST'] = $host;
$_SERVER['SERVER_NAME'] = strtok($host, ':');
$_SERVER['SERVER_PORT'] = strtok('');
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
if ($asked['installing']) {
    define('WP_INSTALLING', true);
    // WordPress lets these be replaced: nobody is to be written to.
    function wp_new_blog_notification() {}
}
ob_start();
require $folder . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/' . ($asked['installing'] ? 'upgrade' : 'admin') . '.php';
$values = $asked['values'];
$returned = eval($asked['code']);
echo json_encode(
    ['printed' => ob_get_clean(), 'returned' => $returned],
    JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE
);
