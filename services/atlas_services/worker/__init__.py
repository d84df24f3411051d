"""What runs beside a job: the entrypoint, and the preparation of the Python environment that the job asks for."""
