#!/bin/sh
# Starts Redis with the password in /run/atlas/redis.secret, made on the first start.
set -e
secret=/run/atlas/redis.secret
if [ ! -s "$secret" ]; then
    umask 027
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$secret.new"
    mv "$secret.new" "$secret" # whole or not at all
fi
# By standard input: a command line can be read by every process of the machine.
exec redis-server - <<CONFIGURATION
$(cat /etc/atlas-redis.conf)
requirepass $(cat "$secret")
CONFIGURATION
