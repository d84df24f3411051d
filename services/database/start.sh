#!/bin/sh
# Starts Redis with the password in /run/atlas/redis.secret, made on the first start; so is, where people log in, the
# secret by which the services know the proxy.
set -e
identity=/run/identity/identity.secret
if [ -n "$ATLAS_LOGIN" ] && [ ! -s "$identity" ]; then
    (umask 027 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' > "$identity.new")
    mv "$identity.new" "$identity" # whole or not at all
fi
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
