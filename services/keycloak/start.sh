#!/bin/bash
# Starts Keycloak. The first start makes the passwords of its two administrators, keeps them beside the database, and
# prints them once: `admin` may change Keycloak itself, $ATLAS_ADMIN_NAME is the first administrator of Atlas.
set -euo pipefail
umask 077
secrets=/opt/keycloak/data/h2
made() { # NAME: the password in the file of this name, made on the first start
    if [ ! -s "$secrets/$1" ]; then
        head -c 18 /dev/urandom | base64 | tr '+/' '-_' > "$secrets/$1.new"
        mv "$secrets/$1.new" "$secrets/$1" # whole or not at all
        echo "Made at the first start and printed only now: the password of $2 is $(cat "$secrets/$1")" >&2
    fi
    cat "$secrets/$1"
}
export ATLAS_ADMIN_NAME=${ATLAS_ADMIN_NAME:-atlas-admin}
export ATLAS_GUI_URL=${ATLAS_GUI_URL:-http://localhost:3000} ATLAS_PROXY_URL=${ATLAS_PROXY_URL:-http://localhost:5558}
KC_BOOTSTRAP_ADMIN_PASSWORD=$(made keycloak-admin.secret "Keycloak's administrator \`admin\`")
ATLAS_ADMIN_PASSWORD=$(made atlas-admin.secret "the administrator \`$ATLAS_ADMIN_NAME\` of Atlas")
export KC_BOOTSTRAP_ADMIN_USERNAME=admin KC_BOOTSTRAP_ADMIN_PASSWORD ATLAS_ADMIN_PASSWORD
exec /opt/keycloak/bin/kc.sh start --optimized --http-enabled=true --http-port=8080 --import-realm \
    --hostname="${KC_HOSTNAME:-http://localhost:8080}" --hostname-backchannel-dynamic=true "$@"
