"""A script's output is kept, and the script does not notice."""

from __future__ import annotations

import os
import pty
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.foundations.conftest import Script, eventually, finish
from tests.unit.foundations.journal_server import JournalServer


def kept(script: Script) -> bytes:
    """Return what was kept of the one run that was not sent."""
    (path,) = [path for each in script.journals for path in each.glob("spool/*.output")]
    return path.read_bytes()


def heard(server: JournalServer) -> bytes:
    """Return the output that has arrived of the one run, if any has."""
    logs = [server.archive / job / "logs" / "output.log" for job in list(server.records)]
    return b"".join(log.read_bytes() for log in logs if log.exists())


def test_what_the_script_its_children_and_c_libraries_print_arrives(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, subprocess, sys
        print("printed")
        sys.stdout.flush()
        subprocess.run(["sh", "-c", "echo by a child"])
        os.write(1, b"\\x1b[31mred\\x1b[0m \\xff\\n")
    """
    (tracked.folder / "train.py").write_text("\n".join(line[8:] for line in code.splitlines()))
    command = [sys.executable, "train.py"]
    ended = subprocess.run(command, cwd=tracked.folder, env=tracked._environment(), stdout=subprocess.PIPE, timeout=100)
    expected = b"printed\nby a child\n\x1b[31mred\x1b[0m \xff\n"
    assert ended.stdout == expected
    assert server.output(server.only_job) == expected
    assert tracked.journals == []


def test_both_streams_are_kept_and_go_where_they_went(tracked: Script, server: JournalServer) -> None:
    ended = tracked.run("import foundations, sys\nprint('out')\nprint('err', file=sys.stderr)\nraise ValueError('no')")
    assert (ended.returncode, ended.stdout) == (1, "out\n")
    assert ended.stderr.startswith("err\nTraceback") and ended.stderr.endswith("ValueError: no\n")
    log = server.output(server.only_job).decode()
    assert sorted(log.splitlines()) == sorted((ended.stdout + ended.stderr).splitlines())


def test_streams_that_are_one_keep_their_order(script: Script) -> None:
    code = """
        import foundations, os
        for number in range(500):
            os.write(1 + number % 2, b"%d\\n" % number)
    """
    path = script.folder / "both"
    with path.open("wb") as file:
        (script.folder / "order.py").write_text("\n".join(line[8:] for line in code.splitlines()))
        command = [sys.executable, "order.py"]
        subprocess.run(command, cwd=script.folder, env=script._environment(), stdout=file, stderr=file, check=True)
    lines = path.read_text().split("Foundations")[0].splitlines()
    assert lines == [str(number) for number in range(500)]
    assert kept(script).decode().splitlines()[:500] == lines


def test_a_terminal_stays_a_terminal_of_the_same_size(script: Script) -> None:
    (script.folder / "train.py").write_text(
        "import foundations, os, sys\nprint(sys.stdout.isatty(), sys.stderr.isatty(), os.get_terminal_size(1))\n"
    )
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(script.folder)
        os.execve(
            "/bin/sh", ["sh", "-c", f"stty rows 31 cols 99; exec {sys.executable} train.py"], script._environment()
        )
    seen = b""
    while True:
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            break
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)
    assert b"True True os.terminal_size(columns=99, lines=31)\r\n" in seen
    assert kept(script).startswith(b"True True os.terminal_size(columns=99, lines=31)\n")


def test_more_than_a_pipe_holds_can_be_printed_with_the_lock_held(script: Script) -> None:
    code = """
        import ctypes, foundations
        libc = ctypes.PyDLL(None)  # calls that keep the interpreter's lock
        data = b"x" * 99 + b"\\n"
        for _ in range(20_000):
            libc.write(1, data, 100)
    """
    ended = script.run(code)
    assert ended.stdout.split("Foundations")[0] == ("x" * 99 + "\n") * 20_000
    assert len(kept(script)) >= 2_000_000


@pytest.mark.parametrize("ending", ["os._exit(3)", "os.kill(os.getpid(), 9)"])
def test_the_last_words_of_a_script_that_dies_suddenly_are_kept(
    script: Script, server: JournalServer, ending: str
) -> None:
    ended = script.run(f"import foundations, os\nprint('last words', flush=True)\n{ending}")
    assert ended.stdout == "last words\n"
    assert kept(script) == b"last words\n"
    script.environment["FOUNDATIONS_SERVER_URL"] = server.url
    assert script.run_python("-m", "foundations.sync").returncode == 0
    assert server.output(server.only_job) == b"last words\n"
    assert script.journals == []


def test_an_interrupt_reaches_the_script_alone(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, time
        try:
            print("ready", flush=True)
            time.sleep(30)
        except KeyboardInterrupt:
            print("interrupted")
    """
    path = tracked.folder / "train.py"
    path.write_text("\n".join(line[8:] for line in code.splitlines()))
    process = subprocess.Popen(
        [sys.executable, str(path)],
        cwd=tracked.folder,
        env=tracked._environment(),
        stdout=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    os.killpg(process.pid, signal.SIGINT)
    assert process.communicate(timeout=100)[0] == b"interrupted\n"
    assert process.returncode == 0
    assert server.output(server.only_job) == b"ready\ninterrupted\n"


def test_printing_goes_on_when_the_other_process_is_killed(script: Script) -> None:
    code = """
        import foundations, os, pathlib, signal, time
        from foundations import run
        print("before", flush=True)
        mine = f"/{run.current.identity.job_id}/"
        copy = run.current._directory.output_path(run.current._own_journal.writer)
        while not copy.stat().st_size:
            time.sleep(0.01)
        for path in pathlib.Path("/proc").glob("[0-9]*/fd/3"):
            try:
                found = mine in os.readlink(path) and path.parts[2] != str(os.getpid())
            except OSError:
                continue
            if found:
                os.kill(int(path.parts[2]), signal.SIGKILL)
        console = run.current.companions[0]
        while console._sign is not None:
            time.sleep(0.01)
        print("after", flush=True)
    """
    ended = script.run(code)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("before\nafter\n")
    assert kept(script) == b"before\n"


def test_who_prints_to_nobody_learns_it_as_ever(script: Script) -> None:
    code = """
        import foundations, sys
        while True:
            print("x" * 1000, flush=True)
    """
    with script.start(code) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "BrokenPipeError" in process.stderr.read()
    assert process.returncode != 0


def test_it_can_be_switched_off(script: Script) -> None:
    script.environment["FOUNDATIONS_CAPTURE"] = "0"
    assert script.run("import foundations\nprint('x')").stdout.startswith("x\n")
    assert [path for each in script.journals for path in each.glob("spool/*.output")] == []


@pytest.mark.parametrize("change", ["sys.frozen = True", "sys.executable = '/usr/bin/model-server'"])
def test_a_program_that_is_no_interpreter_is_not_started_again(script: Script, change: str) -> None:
    script.environment["FOUNDATIONS_FLUSH_SECONDS"] = "0"
    assert script.run(f"import sys\n{change}\nimport foundations\nprint('x')").stdout.startswith("x\n")
    assert [path for each in script.journals for path in each.glob("spool/*.output")] == []


def test_a_scheduled_jobs_output_is_the_schedulers(tracked: Script, server: JournalServer) -> None:
    tracked.environment["FOUNDATIONS_JOB_ID"] = "scheduled-1"
    tracked.run("import foundations\nprint('x')\nfoundations.log_metric('a', 1)")
    assert not (server.archive / "scheduled-1").exists()


def test_output_appears_while_the_script_runs(tracked: Script, server: JournalServer) -> None:
    process = tracked.start("import foundations, sys\nprint('early', flush=True)\nsys.stdin.readline()\nprint('late')")
    eventually(lambda: heard(server) == b"early\n")
    process.communicate("\n", timeout=100)
    assert server.output(server.only_job) == b"early\nlate\n"


def test_output_whose_answer_was_lost_is_kept_once(tracked: Script, server: JournalServer) -> None:
    process = tracked.start(
        "import foundations, sys\nfor _ in range(3): print(sys.stdin.readline(), end='', flush=True)"
    )
    assert process.stdin is not None
    eventually(lambda: bool(server.records))
    for number in range(3):
        server.lose_answers = 1
        process.stdin.write(f"{number}\n")
        process.stdin.flush()
        eventually(lambda: server.lose_answers == 0)
    process.communicate(timeout=100)
    lines = server.output(server.only_job).decode().splitlines()
    assert [line for line in lines if not line.startswith("Foundations WARNING")] == ["0", "1", "2"]


def test_the_last_line_is_kept_though_the_process_that_keeps_it_is_late(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, pathlib, signal, threading, time
        from foundations import run
        mine = f"/{run.current.identity.job_id}/"
        def keeper():
            for path in pathlib.Path("/proc").glob("[0-9]*/fd/3"):
                try:
                    if mine in os.readlink(path) and path.parts[2] != str(os.getpid()):
                        return int(path.parts[2])
                except OSError:
                    continue
        pid = keeper()
        os.kill(pid, signal.SIGSTOP)
        print("last line", flush=True)
        def go_on():
            while run.current.companions:
                time.sleep(0.01)
            time.sleep(0.7)
            os.kill(pid, signal.SIGCONT)
        threading.Thread(target=go_on, daemon=True).start()
    """
    assert tracked.run(code).stdout == "last line\n"
    assert server.output(server.only_job) == b"last line\n"
    assert tracked.journals == []


def test_a_line_that_is_not_kept_in_time_is_sent_later(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os, pathlib, signal
        from foundations import console, run
        console._END = 0.1
        mine = f"/{run.current.identity.job_id}/"
        for path in pathlib.Path("/proc").glob("[0-9]*/fd/3"):
            try:
                if mine in os.readlink(path) and path.parts[2] != str(os.getpid()):
                    print(path.parts[2], flush=True)
            except OSError:
                continue
        while not os.path.getsize(run.current._directory.output_path(run.current._own_journal.writer)):
            pass
        pathlib.Path("first-line-is-kept").touch()
        input()
        print("last line", flush=True)
    """
    process = tracked.start(code)
    assert process.stdin is not None and process.stdout is not None
    keeper = int(process.stdout.readline())
    eventually((tracked.folder / "first-line-is-kept").exists)
    os.kill(keeper, signal.SIGSTOP)
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.wait(100) == 0
    assert len(tracked.journals) == 1
    os.kill(keeper, signal.SIGCONT)
    assert finish(process).stdout == "last line\n"
    assert tracked.run_python("-m", "foundations.sync").returncode == 0
    assert server.output(server.only_job) == f"{keeper}\nlast line\n".encode()
    assert tracked.journals == []


def test_a_script_that_closes_every_descriptor_prints_and_logs_on(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, os
        foundations.log_metric("x", 1.0)
        assert foundations.run.current.sender.has_answered(60)
        print("before", flush=True)
        os.closerange(3, 1200)
        files = [open(f"own-{number}", "w+") for number in range(1000)]
        foundations.log_metric("x", 2.0)
        print("after", flush=True)
    """
    import_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if import_limit < 1100:
        pytest.skip("this machine does not allow so many open files")
    ended = tracked.run(code)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "before\nafter\n", "")
    assert {(tracked.folder / f"own-{number}").read_bytes() for number in range(1000)} == {b""}
    tracked.run_python("-m", "foundations.sync")
    assert server.values(server.only_job, "x") == [1.0, 2.0]
    assert ending(server) == "completed"


def ending(server: JournalServer) -> str:
    (end,) = server.operations(server.only_job, "end")
    return str(end["status"])


def test_no_more_is_kept_than_the_limit_and_all_is_passed_on(tmp_path: Path) -> None:
    code = "from foundations.console_tee import main; main(10, {6: 1})"
    environment = {**os.environ, "FOUNDATIONS_COMMAND_LINE": "True"}
    with (tmp_path / "copy").open("wb") as copy:
        command = f"exec 3>&{copy.fileno()} 4>/dev/null 5</dev/null 6<&0; exec {sys.executable} -c '{code}'"
        passed = subprocess.run(
            ["bash", "-c", command],
            input=b"0123456789abcdef",
            env=environment,
            capture_output=True,
            pass_fds=[copy.fileno()],
        )
    assert (passed.stdout, passed.stderr) == (b"0123456789abcdef", b"")
    assert (tmp_path / "copy").read_bytes().startswith(b"0123456789\n[What follows is not kept")


def test_a_script_that_never_ceases_to_log_is_heard_nevertheless(tracked: Script, server: JournalServer) -> None:
    code = """
        import foundations, threading, time
        def log():
            while True:
                foundations.log_metric("a", 1)
        threading.Thread(target=log, daemon=True).start()
        print("heard", flush=True)
        time.sleep(30)
    """
    process = tracked.start(code)
    try:
        eventually(lambda: heard(server) == b"heard\n")
    finally:
        process.kill()
        process.communicate()
