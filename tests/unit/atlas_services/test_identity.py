from __future__ import annotations

import pytest

from atlas_core.errors import Unauthorized
from atlas_services.identity import ANYBODY, Identity, Role, Signature

ANN = Identity("änn", Role.MEMBER, "id", ("vision", "speech"), "job-1")


def test_what_the_proxy_says_arrives_as_it_was_said() -> None:
    header = Signature("secret").sign(ANN, "GET", "/jobs/a%20b?x=1")
    assert header.isascii()
    assert Signature("secret").check(header, "GET", "/jobs/a b?y=2") == ANN


@pytest.mark.parametrize(
    ("secret", "method", "path"),
    [("guess", "GET", "/jobs/a"), ("secret", "DELETE", "/jobs/a"), ("secret", "GET", "/jobs/b")],
)
def test_it_counts_for_one_request_and_one_secret(secret: str, method: str, path: str) -> None:
    header = Signature("secret").sign(ANN, "GET", "/jobs/a")
    with pytest.raises(Unauthorized, match="call the proxy"):
        Signature(secret).check(header, method, path)


@pytest.mark.parametrize("header", [None, "", ".", "x", "x.y", "é.é"])
def test_what_is_no_signed_identity_is_refused(header: str | None) -> None:
    with pytest.raises(Unauthorized):
        Signature("secret").check(header, "GET", "/")


def test_it_does_not_count_for_long() -> None:
    header = Signature("secret", lambda: 1000.0).sign(ANN, "GET", "/")
    assert Signature("secret", lambda: 1059.0).check(header, "GET", "/") == ANN
    with pytest.raises(Unauthorized, match="too old"):
        Signature("secret", lambda: 1100.0).check(header, "GET", "/")


def test_more_projects_than_a_header_holds_are_refused() -> None:
    many = tuple(f"project-{number}" for number in range(2000))
    with pytest.raises(Unauthorized, match="too many projects"):
        Signature("secret").sign(Identity("ann", Role.MEMBER, "id", many), "GET", "/")


def test_roles_include_each_other() -> None:
    assert [Role.ADMIN.includes(role) for role in Role] == [True, True, True]
    assert [Role.MEMBER.includes(role) for role in Role] == [True, True, False]
    assert [Role.VIEWER.includes(role) for role in Role] == [True, False, False]


def test_a_member_changes_what_is_theirs_and_sees_their_projects() -> None:
    assert (ANN.owns("änn"), ANN.owns("bob"), ANN.owns(None)) == (True, False, False)
    assert (ANN.sees("vision"), ANN.sees("other")) == (True, False)
    assert not Identity("vera", Role.VIEWER, "id").owns("vera")


def test_where_nobody_logs_in_everybody_may_do_everything_under_any_name() -> None:
    assert ANYBODY.owns("bob")
    assert ANYBODY.sees("vision")
    assert (ANYBODY.named("bob"), ANN.named("bob")) == ("bob", "änn")
