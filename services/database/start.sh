#!/bin/sh
# Starts Redis with the password in /run/atlas/redis.secret, made on the first start; and with a user for each service,
# whose password is in /run/redis-users/<service>/redis.secret. So is, where people log in, the secret by which the
# services know the proxy.
set -e

make_secret() { # whole or not at all
    [ -s "$1" ] || { (umask 027 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$1.new") && mv "$1.new" "$1"; }
}

make_users() {
    grep -v '^#' /etc/atlas-users.acl | while IFS=: read -r names rules; do
        for name in $names; do
            make_secret "/run/redis-users/$name/redis.secret" >&2
            echo "user $name on #$(sha256sum < "/run/redis-users/$name/redis.secret" | cut -d ' ' -f 1) $rules"
        done
    done
}

[ -z "$ATLAS_LOGIN" ] || make_secret /run/identity/identity.secret
make_secret /run/atlas/redis.secret
users=$(make_users)
# By standard input: a command line can be read by every process of the machine.
exec redis-server - <<CONFIGURATION
$(cat /etc/atlas-redis.conf)
requirepass $(cat /run/atlas/redis.secret)
$users
CONFIGURATION
