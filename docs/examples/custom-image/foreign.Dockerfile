# An image of another origin that runs jobs: what the entrypoint and the SDK need comes from the worker image.
ARG WORKER=atlas-worker
FROM ${WORKER} AS worker

FROM debian:bookworm-slim
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends python3 python3-pip python3-requests python3-yaml \
 && rm -rf /var/lib/apt/lists/*
RUN python3 -m pip install --no-cache-dir --break-system-packages polars

COPY --from=worker /opt/atlas /opt/atlas
WORKDIR /job/job_source
ENTRYPOINT ["/opt/atlas/entrypoint.sh"]
