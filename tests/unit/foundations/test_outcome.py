"""How a script's end is recorded."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.foundations.conftest import Script, eventually, finish
from tests.unit.foundations.journal_server import JournalServer

from atlas_core.records import Operation

COMPLETED = ("completed", 0, None)


def ending(server: JournalServer) -> tuple[Any, ...]:
    (end,) = server.operations(server.only_job, "end")
    return end["status"], end["exit_code"], end.get("cause")


def test_a_script_that_returns_completed(tracked: Script, server: JournalServer) -> None:
    assert tracked.run("import foundations").returncode == 0
    assert ending(server) == COMPLETED
    (start,) = server.operations(server.only_job, "start")
    assert start["project"] == "my-project"
    assert tracked.journals == []


@pytest.mark.parametrize("call", ["sys.exit(3)", "exit(3)", "quit(3)", "import argparse; sys.exit(3)"])
def test_an_exit_code_is_a_failure(tracked: Script, server: JournalServer, call: str) -> None:
    assert tracked.run(f"import foundations, sys\n{call}").returncode == 3
    assert ending(server) == ("failed", 3, "exit_code")


def test_an_exit_from_deep_within_a_function_counts(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, sys
        def main():
            try:
                raise ValueError
            except ValueError:
                sys.exit("no data")
        main()
    """
    ended = tracked.run(code)
    assert (ended.returncode, ended.stderr) == (1, "no data\n")
    assert ending(server) == ("failed", 1, "exit_code")


@pytest.mark.parametrize(
    ("written", "code"),
    [("SystemExit(4)", 4), ("SystemExit(\n    -1\n)", 255), ("SystemExit(300)", 44), ("SystemExit('no data')", 1)],
)
def test_system_exit_that_is_written_out_counts(
    tracked: Script, server: JournalServer, written: str, code: int
) -> None:
    assert tracked.run(f"import foundations\nif True:\n    raise {written}").returncode == code
    assert ending(server) == ("failed", code, "exit_code")


def test_an_exit_code_of_which_the_system_keeps_nothing_is_a_success(tracked: Script, server: JournalServer) -> None:
    assert tracked.run("import foundations\nraise SystemExit(2**16)").returncode == 0
    assert ending(server) == COMPLETED


@pytest.mark.parametrize(
    "before",
    [
        "import foundations",
        "try:\n    raise SystemExit(5)\nexcept SystemExit as end:\n    end.code\nimport foundations",
    ],
)
@pytest.mark.parametrize("call", ["main()", "raise SystemExit(main())"])
def test_system_exit_that_is_computed_counts(tracked: Script, server: JournalServer, before: str, call: str) -> None:
    ends = "return 2 + 2" if "main())" in call else "raise SystemExit(2 + 2)"
    assert tracked.run(f"{before}\ndef main():\n    {ends}\n{call}").returncode == 4
    assert ending(server) == ("failed", 4, "exit_code")


def test_an_exit_whose_code_was_read_and_that_was_caught_does_not_count(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        try:
            raise SystemExit(3)
        except SystemExit as end:
            print(end.code)
            end.code = 5
            print(end.code)
            del end.code
    """
    assert tracked.run(code).stdout == "3\n5\n"
    assert ending(server) == COMPLETED


def test_an_exception_counts_after_an_exit_that_was_caught(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, sys
        try:
            sys.exit(3)
        except SystemExit as end:
            print(end.code)
        raise ValueError
    """
    tracked.run(code)
    assert ending(server) == ("failed", 1, "user_code")


@pytest.mark.parametrize("code", ["sys.exit()", "sys.exit(0)", "raise SystemExit", "raise SystemExit(0)"])
def test_an_exit_without_a_code_completed(tracked: Script, server: JournalServer, code: str) -> None:
    assert tracked.run(f"import foundations, sys\n{code}").returncode == 0
    assert ending(server) == COMPLETED


def test_an_exit_that_was_caught_does_not_count(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, sys
        try:
            sys.exit(3)
        except SystemExit:
            pass
    """
    tracked.run(code)
    assert ending(server) == COMPLETED


def test_an_exception_is_recorded_and_shown(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        def train():
            raise ValueError("the loss is gone")
        train()
    """
    ended = tracked.run(code)
    assert ended.returncode == 1
    assert ended.stderr.endswith("ValueError: the loss is gone\n")
    assert ending(server) == ("failed", 1, "user_code")
    (error,) = server.operations(server.only_job, "error")
    assert (error["type"], error["message"]) == ("ValueError", "the loss is gone")
    assert error["traceback"] == ended.stderr
    assert error["frame"].endswith("train.py, line 4, in train")


def test_an_excepthook_of_the_user_is_called_and_may_replace_ours(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, sys
        sys.excepthook = lambda *_: print("mine")
        raise KeyError("x")
    """
    assert tracked.run(code).stdout == "mine\n"
    assert ending(server) == ("failed", 1, "user_code")
    assert len(server.operations(server.only_job, "error")) == 1


def test_an_exception_that_cannot_be_printed_does_no_harm(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations
        class Odd(Exception):
            def __str__(self):
                raise RuntimeError("no text")
        raise Odd
    """
    assert tracked.run(code).returncode == 1
    assert ending(server) == ("failed", 1, "user_code")
    (error,) = server.operations(server.only_job, "error")
    assert (error["type"], error["message"]) == ("Odd", "<its message cannot be shown: RuntimeError>")
    assert "raise Odd" in error["traceback"]


def test_an_exception_in_a_thread_ends_nothing(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, threading, sys
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start(); thread.join()
        thread = threading.Thread(target=sys.exit, args=(5,))
        thread.start(); thread.join()
    """
    assert tracked.run(code).returncode == 0
    assert ending(server) == COMPLETED


def _signalled(tracked: Script, server: JournalServer, number: int, before: str = "") -> int:
    process = tracked.start(f"import foundations, time\n{before}\nfoundations.set_tag('ready')\ntime.sleep(60)")
    eventually(lambda: bool(server.records) and bool(server.operations(server.only_job, "tag")))
    process.send_signal(number)
    return finish(process).returncode


def test_ctrl_c_is_a_stop_by_the_user(tracked: Script, server: JournalServer) -> None:
    assert _signalled(tracked, server, signal.SIGINT) == -signal.SIGINT
    assert ending(server) == ("failed", 130, "stopped_by_user")


def test_a_terminated_script_is_stopped_and_dies_by_the_signal(tracked: Script, server: JournalServer) -> None:
    assert _signalled(tracked, server, signal.SIGTERM) == -signal.SIGTERM
    assert ending(server) == ("failed", 143, "stopped_by_user")


def test_a_script_whose_terminal_is_closed_is_stopped(tracked: Script, server: JournalServer) -> None:
    code = "import foundations, time; foundations.set_tag('ready'); time.sleep(300)"
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tracked.folder)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)  # who runs the tests may ignore it, as by `nohup`
        os.execve(sys.executable, [sys.executable, "-c", code], tracked._environment())
    eventually(lambda: bool(server.records) and bool(server.operations(server.only_job, "tag")))
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGHUP
    assert ending(server) == ("failed", 129, "stopped_by_user")


def test_a_script_that_gets_both_signals_at_once_says_once_why_it_ends(tracked: Script, server: JournalServer) -> None:
    process = tracked.start("import foundations, time\nfoundations.set_tag('ready')\ntime.sleep(300)")
    eventually(lambda: bool(server.records) and bool(server.operations(server.only_job, "tag")))
    for number in (signal.SIGHUP, signal.SIGTERM):
        process.send_signal(number)
    assert finish(process).returncode in {-signal.SIGHUP, -signal.SIGTERM}
    assert [end["cause"] for end in server.operations(server.only_job, "end")] == ["stopped_by_user"]


def test_a_script_that_ignores_hangups_goes_on(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, signal
        os.kill(os.getpid(), signal.SIGHUP)
    """
    (tracked.folder / "train.py").write_text(textwrap.dedent(code))
    ignored = ["/bin/sh", "-c", 'trap "" HUP; exec "$0" train.py', sys.executable]
    subprocess.run(ignored, cwd=tracked.folder, env=tracked._environment(), check=True, timeout=100)
    assert ending(server) == COMPLETED


COMPUTING = """
    import foundations, hashlib, os
    foundations.set_tag("ready")
    assert foundations.run.current.sender.has_answered(60)
    {before}
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)  # for many minutes, without a step of the interpreter
"""


def _terminated_while_computing(tracked: Script, server: JournalServer, before: str = "pass") -> int:
    process = tracked.start(COMPUTING.format(before=f"{before}; print('begun', flush=True)"))
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGTERM)
    return finish(process).returncode


def test_a_script_that_is_terminated_while_it_computes_in_c_dies_by_the_signal_and_says_so(
    tracked: Script, server: JournalServer
) -> None:
    assert _terminated_while_computing(tracked, server) == -signal.SIGTERM
    assert ending(server) == ("failed", 143, "stopped_by_user")
    assert tracked.journals == []


def test_a_terminated_script_waits_for_a_server_that_hangs_for_some_seconds_only(
    tracked: Script, server: JournalServer
) -> None:
    process = tracked.start("import foundations, time\nfoundations.set_tag('ready')\ntime.sleep(300)")
    eventually(lambda: bool(server.records) and bool(server.operations(server.only_job, "tag")))
    server.gate = threading.Event()
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert finish(process).returncode == -signal.SIGTERM
    assert time.monotonic() - begun < 40  # of the 60 that are chosen for an end of its own
    server.gate.set()
    server.gate = None
    assert tracked.run_python("-m", "foundations.sync").returncode == 0
    assert ending(server) == ("failed", 143, "stopped_by_user")


def test_an_event_loop_keeps_the_signals_that_it_listens_to(tracked: Script, server: JournalServer) -> None:
    code = """
        import asyncio, foundations, os, signal
        foundations.set_tag("ready")
        async def main():
            stopped = asyncio.Event()
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
            os.kill(os.getpid(), signal.SIGTERM)
            await stopped.wait()
        asyncio.run(main())
    """
    assert tracked.run(code).returncode == 0
    assert ending(server) == COMPLETED


POOL = """
    import foundations, multiprocessing, os, time
    def work(number):
        os.write(1, f"{{os.getpid()}}\\n".encode())  # two that print would mix their lines
        time.sleep(300)
    if __name__ == "__main__":
        multiprocessing.set_start_method("{method}")
        with multiprocessing.Pool(2) as pool:
            pool.map(work, range(9))
"""


@contextlib.contextmanager
def _pool(tracked: Script, method: str) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A script, in a group of its own, whose pool has begun to work; and the ids of the workers."""
    (tracked.folder / "train.py").write_text(textwrap.dedent(POOL.format(method=method)))
    process = subprocess.Popen(
        [sys.executable, "train.py"],
        cwd=tracked.folder,
        env=tracked._environment(),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        yield process, [int(process.stdout.readline()) for _ in range(2)]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=100)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_signal_to_the_group_leaves_no_worker_of_a_pool(tracked: Script, server: JournalServer, method: str) -> None:
    with _pool(tracked, method) as (process, _):
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=100)  # until nobody has its output open
    assert process.returncode == -signal.SIGTERM
    assert ending(server) == ("failed", 143, "stopped_by_user")


def test_a_signal_to_the_script_alone_leaves_the_workers_that_it_had(tracked: Script, server: JournalServer) -> None:
    with _pool(tracked, "fork") as (process, workers):
        time.sleep(1.0)  # those that are a moment old might be replacements
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=100) == -signal.SIGTERM
        for pid in workers:
            os.kill(pid, 0)
    assert ending(server) == ("failed", 143, "stopped_by_user")


def test_a_forked_process_hears_signals_as_ever(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, signal, time
        child = os.fork()
        if not child:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        print(os.waitpid(child, 0)[1] == signal.SIGTERM)
    """
    assert tracked.run(code).stdout == "True\n"
    assert ending(server) == COMPLETED


def test_a_handler_of_the_user_keeps_the_signal(tracked: Script, server: JournalServer) -> None:
    before = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))"
    assert _signalled(tracked, server, signal.SIGTERM, before) == 0
    assert ending(server) == COMPLETED


def test_a_killed_script_leaves_no_end(tracked: Script, server: JournalServer) -> None:
    before = "foundations.log_metric('x', 1.0)"
    assert _signalled(tracked, server, signal.SIGKILL, before) == -signal.SIGKILL
    assert tracked.run_python("-m", "foundations.sync").returncode == 0
    assert server.values(server.only_job, "x") == [1.0]
    assert server.operations(server.only_job, "end") == []


def test_a_scheduled_job_tells_its_exception_and_leaves_the_rest_to_the_scheduler(
    tracked: Script, server: JournalServer
) -> None:
    tracked.environment.update(FOUNDATIONS_JOB_ID="scheduled-1", FOUNDATIONS_JOB_TOKEN="secret")
    tracked.run("import foundations\nfoundations.log_param('a', 1)\n1 / 0")
    assert server.operations("scheduled-1", "param") == [{"name": "a", "value": 1}]
    assert [each["type"] for each in server.operations("scheduled-1", "error")] == ["ZeroDivisionError"]
    assert server.operations("scheduled-1", "start") == server.operations("scheduled-1", "end") == []
    assert server.tokens["scheduled-1"] == {"secret"}


def test_a_thread_that_logs_on_does_not_keep_the_process_from_ending(tracked: Script, server: JournalServer) -> None:
    code = """
        import threading
        import foundations
        def log():
            while True:
                foundations.log_metric("a", 1)
        threading.Thread(target=log, daemon=True).start()
        while foundations.run.current.sender.has_answered(5) is False:
            pass
    """
    begun = time.monotonic()
    assert tracked.run(code).returncode == 0
    assert time.monotonic() - begun < 30  # and not for ever
    tracked.run_python("-m", "foundations.sync")  # what a slow machine could not send by then
    assert ending(server) == COMPLETED
    last = server.records[server.only_job][-1]
    assert isinstance(last, Operation) and last.op == "end"
    assert tracked.journals == []


@pytest.mark.parametrize("call", ["foundations.log_metric('x', 1.0)", "foundations.save_artifact(__file__)"])
def test_a_signal_that_comes_while_something_is_written_down_is_acted_on_afterwards(
    tracked: Script, server: JournalServer, call: str
) -> None:
    code = f"""
        import foundations, os, signal, threading, time
        foundations.set_tag("ready")
        sender = foundations.run.current.sender
        assert sender.has_answered(30)
        place, name = (os, "write") if "metric" in {call!r} else (sender._wake._cond, "notify_all")
        real = getattr(place, name)
        def interrupted(*arguments):
            result = real(*arguments)
            if threading.current_thread() is threading.main_thread():
                setattr(place, name, real)
                os.kill(os.getpid(), signal.SIGTERM)
            return result
        setattr(place, name, interrupted)
        {call}
        time.sleep(60)
    """
    assert tracked.run(code).returncode == -signal.SIGTERM
    assert ending(server) == ("failed", 143, "stopped_by_user")
    assert tracked.journals == []


def test_ctrl_c_while_the_end_waits_for_the_server_ends_the_waiting(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, signal, threading, time
        sender = foundations.run.current.sender
        foundations.set_tag("ready")
        assert sender.has_answered(30)
        input()
        foundations.log_metric("x", 1.0)
        def interrupt():
            sender._closing.wait()
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=interrupt, daemon=True).start()
    """
    tracked.environment["FOUNDATIONS_FLUSH_SECONDS"] = "50"
    process = tracked.start(code)
    eventually(lambda: bool(server.records) and bool(server.operations(server.only_job, "tag")))
    server.gate = threading.Event()
    begun = time.monotonic()
    stdout, stderr = process.communicate("\n", timeout=60)
    assert time.monotonic() - begun < 25
    assert process.returncode == 0
    assert stderr == ""
    assert "`foundations sync` or the next run sends it." in stdout
    server.gate.set()
    server.gate = None
    assert tracked.run_python("-m", "foundations.sync").returncode == 0
    assert ending(server) == COMPLETED


def test_ctrl_c_that_nobody_catches_kills_by_the_signal_whatever_threads_run(
    tracked: Script, server: JournalServer
) -> None:
    code = """
    import threading
    import foundations
    def run_text():
        while True:
            exec("pass")
    threading.Thread(target=run_text, daemon=True).start()
    raise KeyboardInterrupt
    """
    ended = tracked.run(code)
    assert ended.returncode == -signal.SIGINT, ended.stderr
    assert "KeyboardInterrupt" in ended.stderr
    assert ending(server) == ("failed", 130, "stopped_by_user")
