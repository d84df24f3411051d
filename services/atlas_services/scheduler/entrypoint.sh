#!/bin/sh
# Runs a command as the user `atlas`, in the group that may use the Docker socket.
#
# The number of that group is the host's, so no image can know it: the container begins as root, looks, and lets go of
# everything for good. Started as another user, it changes nothing.

if [ "$(id -u)" = 0 ]; then
    socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
    socket=${socket#unix://} groups=$(id -g atlas)
    [ ! -S "$socket" ] || groups=$groups,$(stat -L -c %g "$socket")
    exec setpriv --reuid atlas --regid atlas --groups "$groups" --inh-caps=-all --no-new-privs "$@"
fi
exec "$@"
