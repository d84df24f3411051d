from __future__ import annotations

import pytest

from atlas_core.secrecy import hide_secrets, is_secret


@pytest.mark.parametrize(
    "name",
    [
        "HF_TOKEN",
        "tokens",
        "AWS_SECRET_ACCESS_KEY",
        "db_password",
        "PGPASSWD",
        "GCP_CREDENTIALS",
        "WANDB_API_KEY",
        "APIKEY",
    ],
)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["PATH", "MONKEY_COUNT", "KEYBOARD", "TOKENIZERS_PARALLELISM", "PASS"])
def test_other_names_are_no_secrets(name: str) -> None:
    assert not is_secret(name)


def test_the_names_of_secrets_are_shown() -> None:
    assert hide_secrets({"MY_SECRET": "opener", "A": "1"}) == {"MY_SECRET": "***", "A": "1"}
