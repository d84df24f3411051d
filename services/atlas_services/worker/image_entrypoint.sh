#!/bin/sh
# The entrypoint of the worker image, and of any image that is to run jobs. It prepares what requirements.txt asks for, runs
#
#   python WORD ...
#
# in the container's working directory, sends what the job could not send, and ends with the status of `python`.
# It is process 1 where the engine has no init: a signal then reaches nobody else, so it hands signals on.

atlas=${0%/*} work=/job libraries=${0%/*}/sdk:${0%/*}/lib
. "$atlas/steps.sh"

python=$(command -v python || command -v python3) || {
    echo 'ERROR: This image has no Python on its PATH; jobs need 3.10 or newer.'
    exit 127
}
# Not every user of a container has a name, and much asks for one.
export USER="${USER:-${FOUNDATIONS_USER:-job}}" LOGNAME="${LOGNAME:-${FOUNDATIONS_USER:-job}}"
export UV_CACHE_DIR="${UV_CACHE_DIR:-/environments/uv-cache}"

# What a shell starts in the background ignores Ctrl-C and its like; a job must not.
heeding=
env --default-signal=INT,QUIT true 2> /dev/null && heeding='env --default-signal=INT,QUIT'

child='' stopped='' interrupted=''
stop() {
    stopped=1 interrupted=1
    [ -z "$child" ] || kill -TERM "$child" 2> /dev/null
}
trap stop TERM INT HUP

# Runs a command to its end, whatever signals come meanwhile. Its status is in $status.
run() {
    "$@" &
    child=$!
    [ -z "$stopped" ] || stop # it came before there was a child to hand it to
    interrupted=
    wait "$child"
    status=$?
    while [ -n "$interrupted" ]; do # a signal ended the waiting, not the child, which may have ended since
        interrupted=
        wait "$child"
        again=$?
        [ "$again" -eq 127 ] || status=$again # 127: its status was told already
    done
    child=
}

if has_requirements; then
    run prepare_environment /environments --with-image
    read_interpreter
else
    say_no_requirements
fi

if [ -n "$stopped" ]; then
    ended=143
else
    export PATH="${python%/*}:$PATH" PYTHONPATH="$atlas/sdk${PYTHONPATH:+:$PYTHONPATH}"
    run $heeding "$python" "$@"
    ended=$status
fi

stopped= # what a stopped job has logged is sent all the same
if has_journals; then
    run send_journals 10 # what is left then, the scheduler sends when the container has let go of its GPUs
fi
exit "$ended"
