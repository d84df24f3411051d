"""FOUNDATIONS_MODE: sending, recording alone, or neither."""

from __future__ import annotations

import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

from foundations.sync import sync
from foundations.tracking_mode import chosen_mode

EVERYTHING = """
    import foundations
    foundations.log_param("layers", 2)
    foundations.log_metrics({"loss": 0.5, "name": "text"}, step=1)
    foundations.set_tag("good")
    foundations.set_project_name("other")
    foundations.save_artifact("train.py")
    foundations.log_table([{"a": 1}], "table")
    foundations.set_tensorboard_logdir("runs")
    directory = foundations.create_syncable_directory("models", "models", "11111111-2222-4333-8444-555555555555")
    directory.upload()
    directory.download()
    print(foundations.current_foundations_job().is_in_running_job())
"""


@pytest.mark.parametrize("value", ["online", "ONLINE", ""])
def test_online_sends_as_ever(tracked: Script, server: JournalServer, value: str) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = value
    tracked.run("import foundations\nfoundations.log_metric('loss', 0.5)")
    assert server.values(server.only_job, "loss") == [0.5]
    assert tracked.journals == []


def test_offline_sends_nothing_until_it_is_synced(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = "offline"
    ended = tracked.run("""
        import foundations
        print("hello")
        for number in range(100): foundations.log_metric("loss", number * 0.5)
        foundations.save_artifact("train.py")
    """)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hello\n", "")
    assert server.requests == 0
    (journal,) = tracked.journals

    assert sync(tracked.home).failures == ()
    job = journal.name
    assert server.values(job, "loss") == [number * 0.5 for number in range(100)]
    assert [end["status"] for end in server.operations(job, "end")] == ["completed"]
    assert [each["key"] for each in server.operations(job, "artifact")] == ["train.py"]
    assert tracked.journals == []


def test_offline_holds_for_forked_and_spawned_processes(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = "offline"
    ended = tracked.run("""
        import multiprocessing
        import foundations

        def work(number):
            foundations.log_metric("squares", float(number * number))

        if __name__ == "__main__":
            for method in ("fork", "spawn"):
                process = multiprocessing.get_context(method).Process(target=work, args=(3,))
                process.start()
                process.join()
    """)
    assert (ended.returncode, ended.stderr, server.requests) == (0, "", 0)
    (journal,) = tracked.journals
    assert sync(tracked.home).failures == ()
    assert server.values(journal.name, "squares") == [9.0, 9.0]


def test_offline_says_of_a_directory_that_it_cannot_travel(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = "offline"
    ended = tracked.run("import foundations\nfoundations.create_syncable_directory('models', 'models')")
    assert "could not be downloaded: No server is asked with FOUNDATIONS_MODE=offline." in ended.stdout
    assert (ended.returncode, ended.stderr, server.requests) == (0, "", 0)


def test_disabled_does_nothing_and_says_nothing(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = "disabled"
    ended = tracked.run(EVERYTHING)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "False\n", "")
    assert (server.requests, tracked.journals) == (0, [])


def test_another_value_is_one_line_and_online(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_MODE"] = "dryrun"
    ended = tracked.run("import foundations\nfoundations.log_metric('loss', 0.5)")
    (line,) = ended.stdout.splitlines()
    assert "'dryrun' is none of `online`, `offline` and `disabled`; the run is online." in line
    assert server.values(server.only_job, "loss") == [0.5]


def test_spaces_and_capitals_do_not_matter() -> None:
    assert [chosen_mode({"FOUNDATIONS_MODE": value}) for value in (" Offline", "DISABLED")] == ["offline", "disabled"]
