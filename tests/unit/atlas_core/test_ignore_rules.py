"""What an ignore file keeps out: the same as git would."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.redis_server import require

from atlas_core.ignore_rules import IgnoreRules

_NAMES = ["a", "b", "ab", "a.b", "foo", "foobar", "bar", "!a", "#a", "a b", "a ", "[a]", "-", "é", "build", "*"]
_PATTERN_BITS = [
    *("a", "b", "ab", "foo", "bar", "build", ".", "/", "*", "**", "?", "!", "#", " ", "\\", "\\ ", "\\*", "é"),
    *("[ab]", "[!a]", "[^a-z]", "[a-]", "[]a]", "[[:alpha:]]", "[[:nope:]]", "[", "]", "[a", "-", "**/", "/**", "\r"),
]
_paths = st.lists(st.sampled_from(_NAMES), min_size=1, max_size=4).map("/".join)
_lines = st.lists(st.sampled_from(_PATTERN_BITS), min_size=1, max_size=6).map("".join)


def ignored(rules: IgnoreRules, path: str, is_directory: bool) -> bool:
    """What a walk that never enters an ignored directory finds."""
    parts = path.split("/")
    above = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
    return any(rules.ignores(each, True) for each in above) or rules.ignores(path, is_directory)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require(shutil.which("git"), "git")
    top = tmp_path_factory.mktemp("ignored")
    subprocess.run(["git", "init", "-q", str(top)], check=True, capture_output=True)
    return top


def git_says(top: Path, text: bytes, paths: list[str]) -> set[str]:
    (top / ".gitignore").write_bytes(text)
    command = ["git", "-c", "core.excludesFile=", "check-ignore", "-z", "--stdin", "--no-index"]
    asked = subprocess.run(command, cwd=top, input="\0".join(paths).encode(), capture_output=True)
    assert asked.returncode in {0, 1}, asked.stderr
    return set(asked.stdout.decode().split("\0")) - {""}


def clear(top: Path) -> None:
    for entry in top.iterdir():
        if entry.name != ".git":
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines=st.lists(_lines, min_size=1, max_size=5), paths=st.lists(_paths, min_size=1, max_size=12, unique=True))
def test_every_file_is_ignored_exactly_when_git_would(tree: Path, lines: list[str], paths: list[str]) -> None:
    clear(tree)
    made = []
    for path in paths:
        target = tree / path
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        except (FileExistsError, NotADirectoryError):
            continue
        made.append(path)
    everything = sorted(
        {*made, *(str(Path(*Path(path).parts[:d])) for path in made for d in range(1, path.count("/") + 1))}
    )
    text = "\n".join(lines).encode()
    rules = IgnoreRules(text)
    ours = {path for path in everything if ignored(rules, path, (tree / path).is_dir())}
    assert ours == git_says(tree, text, everything)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("*.pyc", "deep/down/x.pyc", True),
        ("/data", "data", True),
        ("/data", "sub/data", False),
        ("data/raw", "data/raw", True),
        ("data/raw", "x/data/raw", False),
        ("**/raw", "x/data/raw", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("*\n!keep.txt", "keep.txt", False),
        ("# comment", "# comment", False),
        ("\\#mine", "#mine", True),
        ("trailing   ", "trailing", True),
        ("", "anything", False),
    ],
)
def test_the_rules_of_the_manual_hold(text: str, path: str, expected: bool) -> None:
    assert IgnoreRules(text.encode()).ignores(path) is expected


def test_a_slash_at_the_end_speaks_of_directories_alone() -> None:
    rules = IgnoreRules(b"build/")
    assert (rules.ignores("build", True), rules.ignores("build", False)) == (True, False)


def test_without_a_file_nothing_is_ignored(tmp_path: Path) -> None:
    assert not IgnoreRules.of(tmp_path).ignores("x")
    (tmp_path / ".foundationsignore").write_text("x\n")
    assert IgnoreRules.of(tmp_path).ignores("x")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    top=st.lists(_lines, min_size=1, max_size=3),
    below=st.lists(_lines, min_size=1, max_size=3),
    paths=st.lists(_paths, min_size=1, max_size=12, unique=True),
)
def test_where_it_is_asked_for_git_is_followed_into_each_directory(
    tree: Path, top: list[str], below: list[str], paths: list[str]
) -> None:
    clear(tree)
    for path in paths:
        with contextlib.suppress(FileExistsError, NotADirectoryError):
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).touch()
    made = [path for path in tree.rglob("*") if ".git" not in path.parts]
    for folder in made:
        if folder.is_dir() and folder.name != ".git":
            (folder / ".gitignore").write_text("\n".join(below))
    (tree / ".foundationsignore").write_text("#!include:.gitignore\n")
    everything = [path.relative_to(tree).as_posix() for path in made]
    theirs = git_says(tree, "\n".join(top).encode(), everything)
    rules = IgnoreRules.of(tree)
    assert {path for path in everything if ignored(rules, path, (tree / path).is_dir())} == theirs


def test_the_rules_of_the_project_decide_where_git_says_otherwise(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.yaml\n*.bin\n")
    (tmp_path / ".foundationsignore").write_text("!local.yaml\n#!include:.gitignore\nsecret\n")
    rules = IgnoreRules.of(tmp_path)
    paths = ("local.yaml", "other.yaml", "deep/x.bin", "secret", "main.py")
    assert [rules.ignores(path) for path in paths] == [False, True, True, True, False]


def test_git_is_not_followed_unasked(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("*.bin\n")
    (tmp_path / ".foundationsignore").write_text("# include:.gitignore\n")
    assert not IgnoreRules.of(tmp_path).ignores("x.bin")
