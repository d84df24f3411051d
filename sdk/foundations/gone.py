"""Names of the original that mean nothing any more, and what to do instead."""

from __future__ import annotations

import dis
import sys

_REDIS = "jobs no longer speak to Redis; what was logged is read with `get_metrics_for_all_jobs` or over HTTP"
_ARCHIVE = "files are kept with `save_artifact` or `create_syncable_directory`"
_CONFIGURATION = "configuration is read from its files, or from the environment"
_PICKLE = "nothing is pickled any more; use `pickle` or `json`"
_SUBMIT = "`submit` returns a `Deployment` that does what it did"

_REASONS = {
    **dict.fromkeys(("redis_connection", "LazyRedis", "RedisConnector", "message_router", "MessageRouter"), _REDIS),
    **dict.fromkeys(("BucketPipelineArchive", "BucketPipelineListing", "PrefixedBucket"), _ARCHIVE),
    **dict.fromkeys(("config_manager", "ConfigManager", "push_state", "pop_state", "global_state"), _CONFIGURATION),
    **dict.fromkeys(("serialize", "deserialize", "serialize_to_file", "deserialize_from_file"), _PICKLE),
    **dict.fromkeys(("deployment_manager", "DeploymentManager", "BucketJobDeployment", "default_executor"), _SUBMIT),
    "log_manager": "the loggers are those of the `logging` module, below `foundations`",
    "LogManager": "the loggers are those of the `logging` module, below `foundations`",
    "module_manager": "a job gets the directory that is submitted; put modules there",
    "ChangeDirectory": "use `contextlib.chdir`",
    "local_run": "importing `foundations` begins the job",
    "helpers": "it held nothing for scripts",
    "utils": "it held nothing for scripts",
    "create_stage": "stages were removed; call your functions",
    "cache": "stages were removed; call your functions",
}


def missing(name: str) -> Exception:
    """Return the error for a name that the package does not have, with a way out where it once had it.

    `from foundations import name` would hide the reason in an `AttributeError` behind a sentence of its own, so there
    it is an `ImportError`.
    """
    reason = _REASONS.get(name)
    if reason is None:
        return AttributeError(f"module 'foundations' has no attribute {name!r}")
    sentence = f"`foundations.{name}` is gone: {reason}."
    asking = sys._getframe(2)
    instruction = dis.opname[asking.f_code.co_code[asking.f_lasti]]
    return ImportError(sentence) if instruction == "IMPORT_FROM" else AttributeError(sentence)
