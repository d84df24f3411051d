"""Callbacks and wrappers that let training libraries report to the job: one module a library.

Nothing here imports a library before its module is imported.
"""
