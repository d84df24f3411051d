#!/bin/sh
# Starts Redis with the password in /run/atlas/redis.secret, made on the first start; and with a user for each service,
# whose password is in /run/redis-users/<service>/redis.secret. So is, where people log in, the secret by which the
# services know the proxy. Beside the data it notes that people log in, so that nobody opens that data to everybody by
# accident.
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

if [ -n "$ATLAS_LOGIN" ]; then
    make_secret /run/identity/identity.secret
    touch /data/people-log-in
elif [ -e /data/people-log-in ] && [ "$ATLAS_NO_LOGIN" != 1 ]; then
    echo "People log in to this installation, and it was started without a login: whoever reaches it could do everything." \
        "Add -f docker-compose.auth.yml to the command, or COMPOSE_FILE=docker-compose.yml:docker-compose.auth.yml to the" \
        "file .env; to let everybody in on purpose, set ATLAS_NO_LOGIN=1." >&2
    exit 1
fi
make_secret /run/atlas/redis.secret
users=$(make_users)
# By standard input: a command line can be read by every process of the machine.
exec redis-server - <<CONFIGURATION
$(cat /etc/atlas-redis.conf)
requirepass $(cat /run/atlas/redis.secret)
$users
CONFIGURATION
