"""Sending: every record arrives exactly once, and training never waits for a server."""

from __future__ import annotations

import threading

import pytest
from tests.unit.foundations.conftest import Script, eventually, finish
from tests.unit.foundations.journal_server import JournalServer, running_journal_server

from atlas_core.errors import DiskFull, Forbidden, InvalidInput, JobNotFound, Unauthorized

LOOP = """
    import foundations
    for number in range({count}):
        foundations.log_metric("loss", float(number), step=number)
        {more}
"""


def loop(count: int, more: str = "pass") -> str:
    return LOOP.format(count=count, more=more)


def test_everything_arrives_once_and_nothing_stays(tracked: Script, server: JournalServer) -> None:
    ended = tracked.run(loop(50_000))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert server.values(server.only_job, "loss") == [float(number) for number in range(50_000)]
    assert tracked.journals == []


def test_records_arrive_while_the_script_runs(tracked: Script, server: JournalServer) -> None:
    process = tracked.start("import foundations\nfoundations.log_metric('loss', 0.5)\ninput()")
    try:
        eventually(lambda: bool(server.records) and server.values(server.only_job, "loss") == [0.5])
    finally:
        process.kill()
        finish(process)


def test_answers_that_are_lost_double_nothing(tracked: Script, server: JournalServer) -> None:
    server.lose_answers = 3
    tracked.run(loop(300, "__import__('time').sleep(0.01)"))
    assert server.lose_answers == 0
    assert server.values(server.only_job, "loss") == [float(number) for number in range(300)]


def test_requests_that_are_dropped_lose_nothing(tracked: Script, server: JournalServer) -> None:
    server.drop = 2
    tracked.run(loop(300, "__import__('time').sleep(0.01)"))
    assert server.values(server.only_job, "loss") == [float(number) for number in range(300)]
    assert tracked.journals == []


def test_a_server_that_forgot_is_told_again(tracked: Script, server: JournalServer) -> None:
    process = tracked.start(
        "import foundations\nfoundations.log_metric('loss', 1.0)\ninput()\nfoundations.log_metric('loss', 2.0)"
    )
    eventually(lambda: bool(server.records) and server.values(server.only_job, "loss") == [1.0])
    with server.lock:
        server.applied.clear()
        server.records.clear()
    process.communicate("\n", timeout=60)
    assert server.values(server.only_job, "loss") == [1.0, 2.0]


@pytest.mark.parametrize("refusal", [Unauthorized("No."), Forbidden("No."), JobNotFound("No."), InvalidInput("No.")])
def test_a_refusal_is_said_once_and_the_journal_kept(
    tracked: Script, server: JournalServer, refusal: Unauthorized
) -> None:
    server.refusal = refusal
    ended = tracked.run(loop(300, "__import__('time').sleep(0.002)"))
    (line,) = ended.stdout.splitlines()
    assert line.startswith("Foundations WARNING: No. Nothing more is sent; the run is recorded in `")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert server.requests == 1
    assert len(tracked.journals) == 1


def test_a_server_whose_disk_is_full_for_a_while_gets_everything_later(tracked: Script, server: JournalServer) -> None:
    server.refusal = server.refused_files = DiskFull("No room.")
    code = (
        "import foundations\nfoundations.log_metric('loss', 1.0)\nfoundations.save_artifact(__file__, 'code')\ninput()"
    )
    process = tracked.start(code)
    eventually(lambda: server.requests >= 2)
    server.refusal = server.refused_files = None
    process.communicate("\n", timeout=60)
    assert server.values(server.only_job, "loss") == [1.0]
    assert [each["key"] for each in server.operations(server.only_job, "artifact")] == ["code"]


def test_without_a_server_one_line_says_where_the_run_is(script: Script) -> None:
    ended = script.run(loop(300, "__import__('time').sleep(0.005)"))
    (line,) = ended.stdout.splitlines()
    assert line.startswith("Foundations WARNING: Cannot currently find Atlas server at http://127.0.0.1:9")
    assert str(script.journals[0]) in line
    assert "`foundations sync` or the next run sends it" in line
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_next_run_sends_what_the_last_one_could_not(tracked: Script, server: JournalServer) -> None:
    url = tracked.environment.pop("FOUNDATIONS_SERVER_URL")
    config = tracked.home / "config" / "execution"
    config.mkdir(parents=True)
    (config / "default.config.yaml").write_text(f"server_url: {url}\n")
    server.refusal = None
    server.drop = 1_000
    tracked.run(loop(10))
    server.drop = 0
    lost = tracked.journals[0].name
    tracked.run("import foundations")
    assert len(server.operations(lost, "end")) == 1
    assert server.values(lost, "loss") == [float(number) for number in range(10)]
    assert tracked.journals == []


def test_a_server_that_hangs_delays_the_end_by_a_second_at_most(tracked: Script, server: JournalServer) -> None:
    server.gate = threading.Event()
    tracked.environment["FOUNDATIONS_FLUSH_SECONDS"] = "0.3"
    try:
        ended = tracked.run(loop(10))
    finally:
        server.gate.set()
    assert ended.returncode == 0
    assert len(tracked.journals) == 1


@pytest.mark.parametrize(
    ("failure", "words"),
    [("OSError(24, 'Too many open files')", "[Errno 24] Too many open files"), ("MemoryError()", "MemoryError")],
)
def test_a_failure_is_said_once_and_sending_goes_on(
    tracked: Script, server: JournalServer, failure: str, words: str
) -> None:
    code = f"""
        import foundations
        from foundations.journal_directory import JournalDirectory
        read, failures = JournalDirectory.read, [1, 2]

        def fail_first(*arguments):
            if failures:
                failures.pop()
                raise {failure}
            return read(*arguments)

        JournalDirectory.read = fail_first
        foundations.log_metric("loss", 1.0)
        input()
    """
    process = tracked.start(code)
    eventually(lambda: bool(server.records) and server.values(server.only_job, "loss") == [1.0])
    said, _ = process.communicate("\n", timeout=60)
    (line,) = said.splitlines()
    assert f"Nothing can be sent at present: {words}." in line
    assert len(server.operations(server.only_job, "end")) == 1
    assert tracked.journals == []


def test_signs_of_life_go_on_while_something_else_cannot_be_sent(tracked: Script, server: JournalServer) -> None:
    server.refused_files = DiskFull("No room.")
    code = """
        import foundations
        from foundations import sender
        sender.HEARTBEAT = 0.1
        foundations.save_artifact(__file__, "code")
        input()
    """
    process = tracked.start(code)
    eventually(lambda: server.beats >= 3)
    server.refused_files = None
    process.communicate("\n", timeout=60)
    assert [each["key"] for each in server.operations(server.only_job, "artifact")] == ["code"]


def test_an_artifact_whose_copy_is_gone_is_said_once_and_the_rest_sent(tracked: Script, server: JournalServer) -> None:
    server.refused_files = DiskFull("No room.")
    code = """
        import foundations, os, pathlib
        for key in ("gone", "kept"):
            foundations.save_artifact(__file__, key)
        copies = pathlib.Path(os.environ["FOUNDATIONS_HOME"]).glob("journal/*/spool/*.data")
        min(copies).unlink()
        print("ready", flush=True)
        input()
    """
    process = tracked.start(code)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    server.refused_files = None
    said, _ = process.communicate("\n", timeout=60)
    assert [line for line in said.splitlines() if 'The copy of artifact "gone" is gone' in line]
    assert [each["key"] for each in server.operations(server.only_job, "artifact")] == ["kept"]


def test_something_else_at_the_address_is_no_reason_to_stop(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_SERVER_URL"] = f"{server.url}/archive/x?"
    ended = tracked.run(loop(10))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == 1
    assert len(tracked.journals) == 1


@pytest.mark.parametrize("status", [200, 302, 401, 403, 404, 409, 413])
def test_the_answer_of_something_else_at_the_address_is_no_refusal(
    tracked: Script, server: JournalServer, status: int
) -> None:
    server.strange_status, server.strangers = status, 3
    code = "foundations.save_artifact(__file__, 'code')"
    process = tracked.start(f"import foundations\nfoundations.log_metric('loss', 1.0)\n{code}\ninput()")
    eventually(lambda: bool(server.records))
    stdout, stderr = process.communicate("\n", timeout=100)
    assert (process.returncode, stderr, server.strangers) == (0, "", 0)
    assert "Nothing more is sent" not in stdout
    assert server.values(server.only_job, "loss") == [1.0]
    assert [each["key"] for each in server.operations(server.only_job, "artifact")] == ["code"]
    assert tracked.journals == []


def test_large_batches_are_packed_on_their_way_to_another_machine(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_SERVER_URL"] = server.url.replace("127.0.0.1", "127.1")  # of another name
    tracked.run(loop(50_000))
    assert server.values(server.only_job, "loss") == [float(number) for number in range(50_000)]
    assert server.packed > 0
    assert tracked.journals == []


def test_a_loop_that_logs_is_sent_in_batches_and_not_step_by_step(tracked: Script, server: JournalServer) -> None:
    tracked.environment.update(FOUNDATIONS_CAPTURE="0", FOUNDATIONS_SNAPSHOT="0", FOUNDATIONS_SYSTEM_METRICS="0")
    code = """
        import foundations, time
        begin, step = time.monotonic(), 0
        while time.monotonic() - begin < 3 or step < 300:
            foundations.log_metric("loss", float(step))
            step += 1
            time.sleep(0.001)
        print(time.monotonic() - begin)
    """
    seconds = float(tracked.run(code).stdout)
    assert server.requests < 20 + 4 * seconds


def test_a_wrong_configuration_is_one_line(script: Script) -> None:
    del script.environment["FOUNDATIONS_SERVER_URL"]
    config = script.home / "config" / "execution"
    config.mkdir(parents=True)
    (config / "default.config.yaml").write_text("server_url: 5\n")
    ended = script.run(loop(10))
    assert len(ended.stdout.splitlines()) == 1
    assert "server_url: 5 is no address" in ended.stdout
    assert (ended.returncode, ended.stderr) == (0, "")


def test_the_records_of_forked_processes_arrive_once(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, multiprocessing

        def work(number):
            for step in range(100):
                foundations.log_metric("loss", number * 100.0 + step)

        if __name__ == "__main__":
            foundations.log_metric("loss", -1.0)
            with multiprocessing.get_context("fork").Pool(3) as pool:
                pool.map(work, range(9))
                pool.close()
                pool.join()
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(server.values(server.only_job, "loss")) == [float(number) for number in range(-1, 900)]
    assert len(server.operations(server.only_job, "end")) == 1
    assert tracked.journals == []


def test_processes_that_start_afresh_log_to_the_same_job(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, multiprocessing

        def work(number):
            foundations.log_metric("loss", float(number))

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(2) as pool:
                pool.map(work, range(6))
                pool.close()
                pool.join()
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(server.values(server.only_job, "loss")) == [float(number) for number in range(6)]
    assert len(server.operations(server.only_job, "end")) == 1


def test_processes_that_live_for_a_moment_leave_sending_to_the_one_that_began_the_job(
    tracked: Script, server: JournalServer
) -> None:
    code = """
        import foundations, multiprocessing, sys

        class Spy:
            def find_spec(self, name, *_):
                if name == "requests":
                    print("imported by a child")

        def work(number):
            sys.meta_path.insert(0, Spy())
            foundations.log_metric("loss", float(number))

        if __name__ == "__main__":
            context = multiprocessing.get_context("spawn")
            for number in range(4):
                process = context.Process(target=work, args=(number,))
                process.start()
                process.join()
                assert process.exitcode == 0
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert sorted(server.values(server.only_job, "loss")) == [0.0, 1.0, 2.0, 3.0]
    assert tracked.journals == []


def test_a_process_of_a_pool_sends_by_itself_when_the_one_that_began_the_job_is_gone(
    tracked: Script, server: JournalServer
) -> None:
    code = """
        import multiprocessing.util  # first: its processes are waited for behind the end of the run
        import foundations, os, pathlib, time

        def work():
            left = pathlib.Path(os.environ["FOUNDATIONS_HOME"], "journal", os.environ["FOUNDATIONS_PARENT_RUN"])
            lock = left / f"{os.environ['FOUNDATIONS_PARENT_WRITER']}.lock"
            deadline = time.monotonic() + 60
            while lock.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            foundations.log_metric("late", 1.0)

        if __name__ == "__main__":
            process = multiprocessing.get_context("spawn").Process(target=work)
            process.start()
            time.sleep(0.5)
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert server.values(server.only_job, "late") == [1.0]
    assert tracked.journals == []


def test_a_journal_removed_while_it_is_written_is_one_line(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, shutil, time
        shutil.rmtree(os.environ["FOUNDATIONS_HOME"])
        for number in range(300):
            foundations.log_metric("loss", 1.0)
            time.sleep(0.002)
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(ended.stdout.splitlines()) == 1


def test_a_server_that_comes_up_later_gets_everything(script: Script) -> None:
    with running_journal_server() as server:
        url = server.url
    script.environment["FOUNDATIONS_SERVER_URL"] = url
    process = script.start("import foundations\nfoundations.log_metric('loss', 1.0)\ninput()")
    assert process.stdout is not None
    assert "Cannot currently find" in process.stdout.readline()
    with running_journal_server(int(url.rpartition(":")[2])) as server:
        eventually(lambda: bool(server.records) and server.values(server.only_job, "loss") == [1.0])
        process.communicate("\n", timeout=60)
        assert len(server.operations(server.only_job, "end")) == 1
    assert script.journals == []


@pytest.mark.parametrize("chosen", ["3601", "1e300"])
def test_an_impossible_time_to_wait_at_the_end_does_no_harm(
    tracked: Script, server: JournalServer, chosen: str
) -> None:
    tracked.environment["FOUNDATIONS_FLUSH_SECONDS"] = chosen
    ended = tracked.run(loop(3))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert server.values(server.only_job, "loss") == [0.0, 1.0, 2.0]
    assert tracked.journals == []
