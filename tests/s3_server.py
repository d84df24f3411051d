"""An S3 server for tests: the one of moto, which speaks HTTP on the loopback interface."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from moto.server import ThreadedMotoServer


@dataclass(frozen=True)
class Bucket:
    """A new bucket; `variables` are what a client needs to reach it."""

    url: str
    variables: dict[str, str]
    client: Any

    def names(self) -> list[str]:
        """Return the name of each object."""
        bucket = self.url.removeprefix("s3://").partition("/")[0]
        found = self.client.list_objects_v2(Bucket=bucket).get("Contents", [])
        return sorted(each["Key"] for each in found)


@contextlib.contextmanager
def s3_bucket() -> Iterator[Bucket]:
    """Run a server with one bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    client = boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    name = f"atlas-{uuid.uuid4().hex}"
    client.create_bucket(Bucket=name)
    try:
        yield Bucket(f"s3://{name}/archive", variables, client)
    finally:
        client.close()
        server.stop()
