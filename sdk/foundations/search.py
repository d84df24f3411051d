"""Searching for good parameters: many jobs of the same code, each with parameters of its own.

space = {"rate": log_uniform(1e-4, 1e-1), "units": choice([16, 32])}
jobs = Search(space, name="first").random(20).submit(command=["main.py"], at_once=4).wait()
print(jobs.best("accuracy"))
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Union, cast, overload

from atlas_core.errors import InvalidInput
from atlas_core.values import plain
from foundations.search_jobs import NUMBER_TAG, SEARCH_TAG, SearchJobs, Trial
from foundations.search_space import choice, combinations, described, drawn, integers, log_uniform, uniform
from foundations.submission import stage

__all__ = ["Search", "SearchJobs", "Trial", "Trials", "choice", "integers", "log_uniform", "uniform"]

_log = logging.getLogger("foundations.search")

#: A search is a line in a list of jobs, not a program: more trials than this is a mistake.
_MAX_TRIALS = 100_000


class Search:
    """A space of parameters. A value of `space` is a dimension, a mapping with some inside, or a constant.

    `seed` makes a random search repeatable. A search with a `name` is resumed: asked to submit the same trials again,
    it takes up the jobs that are there. Raises `InvalidInput` for a space that is none.

        from foundations.search import Search, choice, log_uniform

        space = {"rate": log_uniform(1e-4, 1e-1), "units": choice([16, 32])}
        jobs = Search(space, seed=1).random(4).submit(command=["main.py"], at_once=2).wait()
        print(jobs.best("accuracy").params)
    """

    def __init__(self, space: Mapping[str, Any], seed: int | str | None = None, name: str | None = None) -> None:
        if not isinstance(space, Mapping) or not space:
            raise InvalidInput(f"space: {space!r} is no mapping of names to what may be chosen.", field="space")
        if name is not None and (not isinstance(name, str) or not name.strip()):
            raise InvalidInput(f"name: {name!r} cannot name a search; give it a text.", field="name")
        self._space = dict(space)
        self._description = described(space)
        self._seed = uuid.uuid4().hex if seed is None and name is None else str(seed)
        self._name = name

    def grid(self) -> Trials:
        """Return every combination as a trial. Raises `InvalidInput` for a range of numbers, and for too many."""
        found = []
        for params in combinations(self._space):
            found.append(params)
            _check_count(len(found))
        return Trials(found, self._id("grid"), self._name is not None)

    def random(self, count: int) -> Trials:
        """Return `count` trials drawn at random; a smaller count gives the first of them. Raises `InvalidInput`."""
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InvalidInput(f"count: {count!r} is no number of trials; expected 1 or more.", field="count")
        _check_count(count)
        random = Random(f"{self._name}/{self._seed}")
        return Trials([drawn(self._space, random) for _ in range(count)], self._id("random"), self._name is not None)

    def _id(self, kind: str) -> str:
        """Return the id of the search: of a named one always the same, for the same space and seed."""
        if self._name is None:
            return f"{kind}-{uuid.uuid4().hex[:8]}"
        digest = hashlib.sha256(f"{kind}/{self._seed}/{self._description}".encode()).hexdigest()
        return f"{self._name}-{digest[:8]}"


class Trials(Sequence["dict[str, Any]"]):
    """The parameters of each trial of a search, numbered from 1 on."""

    def __init__(self, trials: Sequence[Mapping[str, Any]], search_id: str, is_named: bool) -> None:
        self._trials = [cast("dict[str, Any]", plain(dict(trial))) for trial in trials]
        self._is_named = is_named
        #: What the jobs carry as the tag `search`.
        self.search_id = search_id

    def __len__(self) -> int:
        return len(self._trials)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...

    def __getitem__(self, index: Union[int, slice]) -> Any:
        return self._trials[index]

    def submit(self, at_once: int | None = None, **wishes: Any) -> SearchJobs:
        """Submit a job for each trial and return them all; `wishes` are what `foundations.submit` takes.

        With `at_once`, only so many; `SearchJobs.wait` submits another whenever one has ended. The code is read and
        sent once. Raises what `foundations.submit` raises.
        """
        if at_once is not None and (isinstance(at_once, bool) or not isinstance(at_once, int) or at_once < 1):
            raise InvalidInput(f"at_once: {at_once!r} is no number of jobs; expected 1 or more.", field="at_once")
        base, server, bundle = stage(**wishes)
        given = dict(base.spec.params or {})
        trials = [Trial(number, {**given, **params}) for number, params in enumerate(self, start=1)]
        jobs = SearchJobs(self.search_id, base, server, bundle, trials, at_once)
        if self._is_named:
            _log.info("Search '%s' has %d jobs already.", self.search_id, _resume(jobs))
        jobs.submit_next()
        _log.info("Search '%s': %d jobs in project '%s'.", self.search_id, len(trials), base.project)
        return jobs


def _resume(jobs: SearchJobs) -> int:
    """Give each trial the job that it has from before, unless that failed; return how many there are."""
    known = {str(trial.number): trial for trial in jobs}
    resumed = set()
    for row in jobs.rows():
        trial = known.get(str(row["tags"].get(NUMBER_TAG)))
        if row["tags"].get(SEARCH_TAG) != jobs.search_id or trial is None or row["status"] == "failed":
            continue
        if trial.number not in resumed:
            resumed.add(trial.number)
            jobs.adopt(trial, row)
    return len(resumed)


def _check_count(count: int) -> None:
    if count > _MAX_TRIALS:
        raise InvalidInput(f"space: a search has at most {_MAX_TRIALS} trials; leave some values out.", field="space")
