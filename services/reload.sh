#!/bin/sh
# Runs a service of the sources at /src, and starts it again when they change.
# usage: reload SERVICE
exec watchfiles --filter python "python -m atlas_services.$1" /src/sdk /src/services
