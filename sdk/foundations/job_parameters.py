"""The original's name of `foundations.parameters`, for scripts that import from it."""

from __future__ import annotations

from foundations.parameters import flatten_parameter_dictionary, load_parameters, log_param, log_params

__all__ = ["flatten_parameter_dictionary", "load_parameters", "log_param", "log_params"]
