# What the entrypoints of a process and of a container have in common. They source this file and set:
#
#   work       the job's directory: job_source/, home/, and what is recorded about the job
#   python     the interpreter; read_interpreter may choose another
#   libraries  what is ours and not installed for that interpreter, as a PYTHONPATH; may be empty

rule=========================================================================================================================

has_requirements() {
    [ -f "$work/job_source/requirements.txt" ]
}

say_no_requirements() {
    printf '%s\n' "$rule" 'INFO: No user requirements found. Proceeding to run script...' "$rule"
}

# Prepares what requirements.txt asks for, in DIRECTORY. Replaces the shell: to be called in a subshell.
# usage: prepare_environment DIRECTORY [--with-image]
prepare_environment() {
    cd "$work" || exit # not from the job's directory: its modules must not stand in for ours
    unset PYTHONPATH PYTHONSTARTUP PYTHONHOME
    [ -z "$libraries" ] || export PYTHONPATH="$libraries"
    exec "$python" -m atlas_services.worker.environment "$work" "$@"
}

# Takes the interpreter that was prepared, if there is one.
read_interpreter() {
    [ -s "$work/interpreter" ] && IFS= read -r python < "$work/interpreter"
}

has_journals() {
    set -- "$work"/home/journal/*/*
    [ -e "$1" ]
}

# Sends what the job could not send any more, because it was killed for example. Replaces the shell, too.
# usage: send_journals SECONDS
send_journals() {
    cd "$work" || exit
    [ -z "$libraries" ] || export PYTHONPATH="$libraries"
    FOUNDATIONS_COMMAND_LINE=True exec "$python" -m foundations.sync --home "$work/home" --timeout "$1"
}
