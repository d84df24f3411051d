"""The services of Atlas: tracker, scheduler, REST API, archive server and auth proxy."""
