"""The schemas of the words that say where a job is in its life."""

from __future__ import annotations

from atlas_core.states import Cause, JobStatus
from atlas_services.openapi.schema import Named, Schema, one_of

STATUS: Schema = Named("JobStatus", one_of([status.value for status in JobStatus]))
CAUSE: Schema = Named("Cause", one_of([cause.value for cause in Cause]))
MODE: Schema = one_of(("scheduled", "execution"))
