#!/bin/sh
# Runs one job at most once, and leaves how it ended in files that outlive whoever started it:
#
#   WORK/started   "<pid> <birth>" of this process; whoever creates the file has taken the job
#   WORK/exit      the exit status, with a newline; 128+n when signal n ended the command
#
# usage: entrypoint.sh WORK DIRECTORY PYTHON ENVIRONMENTS python|direct [WORD ...]
#
# It uses what every POSIX shell has built in, so that it costs about a millisecond.

work=$1 directory=$2 python=$3 environments=$4 mode=$5 libraries=''
shift 5
. "${0%/*}/steps.sh"
stopped=

# The start time of this process, which tells it from a later one with the same id; "-" where there is no /proc.
born() {
    IFS= read -r stat < /proc/$$/stat || return
    set -- ${stat##*) }
    shift 19
    birth=$1
}

finish() {
    echo "$1" > "$work/exit"
    exit "$1"
}

birth=-
[ -r /proc/$$/stat ] && born

set -C # a redirection creates its file or fails: of two that take the job, one does
{ echo "$$ $birth" > "$work/started"; } 2> /dev/null || exit 75
set +C
trap 'stopped=1' TERM INT HUP # a stopped job still leaves its exit status; children get the signals as usual

cd "$directory" || finish 72
if has_requirements; then
    (prepare_environment "$environments")
    read_interpreter
else
    say_no_requirements
fi

if [ -n "$stopped" ]; then
    status=143
else
    PATH=${python%/*}:$PATH
    export PATH
    case $mode in
        python) "$python" "$@" ;;
        *) "$@" ;;
    esac
    status=$?
fi

if has_journals; then
    (send_journals 60)
fi

finish "$status"
