# The worker image with more in it: jobs find polars without a requirements.txt.
ARG WORKER=atlas-worker
FROM ${WORKER}
RUN python -m pip install --no-cache-dir polars
