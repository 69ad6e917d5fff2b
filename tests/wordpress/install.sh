#!/bin/sh
# What the tests with a real WordPress need: installed by root where apt is, else named.
set -eu

is_complete() {
  command -v mariadbd >/dev/null && command -v mariadb >/dev/null \
    && command -v php >/dev/null && php -m | grep -qx mysqli && php -m | grep -qx gd \
    && { command -v chromium || command -v google-chrome; } >/dev/null \
    && test -e /usr/share/wordpress/wp-load.php \
    && test -e /usr/share/wordpress/wp-content/themes/twentytwentyone/index.php
}

PACKAGES='wordpress wordpress-theme-twentytwentyone mariadb-server php-cli php-mysql php-gd chromium'
PATH=$PATH:/usr/sbin
is_complete && exit 0
if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "the tests with a real WordPress need these packages of Debian: $PACKAGES" >&2
  exit 1
fi
echo "installing $PACKAGES"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq </dev/null
# Without what they recommend: a mail server is of no use here.
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $PACKAGES </dev/null >/dev/null
is_complete || { echo "installed, and still not complete: $PACKAGES" >&2; exit 1; }
