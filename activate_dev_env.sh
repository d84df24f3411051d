# Source this file: . ./activate_dev_env.sh
# It makes the virtual environment once, activates it, and gives this shell a home of its own inside the clone, with the
# configuration by which commands find what `make devenv-start` runs.
_atlas_root="$(cd "$(dirname "${BASH_SOURCE[0]:-$0}")" && pwd)"
make --no-print-directory -C "$_atlas_root" .venv/.developer && . "$_atlas_root/.venv/bin/activate"
export FOUNDATIONS_HOME="$_atlas_root/devenv/.foundations"
export FOUNDATIONS_SCHEDULER_URL="http://localhost:5000"
export REDIS_URL="redis://localhost:5556"
mkdir -p "$FOUNDATIONS_HOME/config/execution" "$FOUNDATIONS_HOME/config/submission"
[ -e "$FOUNDATIONS_HOME/config/execution/default.config.yaml" ] ||
    echo 'server_url: http://localhost:5558' > "$FOUNDATIONS_HOME/config/execution/default.config.yaml"
[ -e "$FOUNDATIONS_HOME/config/submission/scheduler.config.yaml" ] ||
    echo 'scheduler_url: http://localhost:5558' > "$FOUNDATIONS_HOME/config/submission/scheduler.config.yaml"
unset _atlas_root
