"""Track and submit machine-learning jobs: `import foundations` in a training script makes it a job.

Importing this package does one thing beside defining names: it adopts the job that the scheduler started this process
for, or begins a new one. It does nothing in the command line's own processes (`FOUNDATIONS_COMMAND_LINE=True`,
`python -m foundations`).

A training script needs only what logs. Everything else, and the libraries that it stands on, is imported when it is
first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from foundations.artifacts import save_artifact
from foundations.metrics import log_metric, log_metrics
from foundations.parameters import flatten_parameter_dictionary, load_parameters, log_param, log_params
from foundations.resources import set_job_resources
from foundations.run import begin as _begin
from foundations.tags import set_project_name, set_tag

if TYPE_CHECKING:
    from foundations.current_job import current_foundations_job
    from foundations.deployment import Deployment
    from foundations.listing import get_metrics_for_all_jobs
    from foundations.rich_artifacts import log_audio, log_figure, log_image, log_table
    from foundations.search import Search
    from foundations.submission import submit
    from foundations.syncable_directory import SyncableDirectory, create_syncable_directory
    from foundations.tensorboard import set_tensorboard_logdir

__version__: str

__all__ = [
    "Deployment",
    "Search",
    "SyncableDirectory",
    "__version__",
    "create_syncable_directory",
    "current_foundations_job",
    "flatten_parameter_dictionary",
    "get_metrics_for_all_jobs",
    "load_parameters",
    "log_audio",
    "log_figure",
    "log_image",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_table",
    "save_artifact",
    "set_job_resources",
    "set_project_name",
    "set_tag",
    "set_tensorboard_logdir",
    "submit",
]

#: Modules that are there without an import of their own, as scripts of the original expect it.
_MODULES = frozenset({"config", "constants", "job_metrics", "job_parameters", "projects", "search", "submission"})
#: Name -> the module that defines it, imported when the name is first used.
_LATER = {
    "CronJobScheduler": "cron_job_scheduler",
    "CronJobSchedulerError": "cron_job_scheduler",
    "Deployment": "deployment",
    "DeploymentWrapper": "deployment",  # the original's name of the class
    "Search": "search",
    "SyncableDirectory": "syncable_directory",
    "create_syncable_directory": "syncable_directory",
    "current_foundations_job": "current_job",
    "get_metrics_for_all_jobs": "listing",
    "log_audio": "rich_artifacts",
    "log_figure": "rich_artifacts",
    "log_image": "rich_artifacts",
    "log_table": "rich_artifacts",
    "set_tensorboard_logdir": "tensorboard",
    "submit": "submission",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        value = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    elif name == "__version__":
        value = _version()
    elif name in _MODULES:
        value = import_module(f"{__name__}.{name}")
    elif name == "foundations_job":  # the original's name of the object
        return import_module(f"{__name__}.current_job").current_foundations_job()
    else:
        raise import_module(f"{__name__}.gone").missing(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    metadata = import_module("importlib.metadata")  # reading packages' metadata takes longer than all the rest
    try:
        return str(metadata.version("foundations-sdk"))
    except metadata.PackageNotFoundError:
        return "no-version-installed"


_begin()
