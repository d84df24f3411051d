"""The journal on disk: nothing that was logged is lost, whatever happens to the process."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.unit.foundations.conftest import Script

from atlas_core.records import POINT, Operation, Point, Record, operation_frame, point_frame, read_frames
from foundations import journal_file
from foundations.identity import Identity
from foundations.journal import Journal
from foundations.journal_directory import BATCH_BYTES, SEGMENT_BYTES, JournalDirectory

IDENTITY = Identity("job", "project", "me", "execution", "secret")


def begun(directory: JournalDirectory, preamble: bytes = b"") -> Journal:
    journal = Journal(directory, IDENTITY, preamble, lambda: None)
    journal.begin()
    return journal


def frame(value: float) -> bytes:
    made = point_frame("loss", value, 1.0)
    assert made is not None
    return made


def records(directory: JournalDirectory, writer: str) -> list[Record]:
    """Return every whole record that a writer left, as one who sends them reads them."""
    position, found = 0, []
    while data := directory.read(writer, position):
        found += [record for _, record in read_frames(data)]
        position += len(data)
    return found


@contextlib.contextmanager
def interrupted_writes(monkeypatch: pytest.MonkeyPatch, written: int | None = None) -> Iterator[None]:
    """Have the handler of a signal raise right behind the next write, of which so many bytes have found room."""
    real = os.write

    def write(number: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", real)
        real(number, data[:written])
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", write)
    yield
    monkeypatch.setattr(os, "write", real)


@contextlib.contextmanager
def limited_files(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes."""
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture
def directory(tmp_path: Path) -> JournalDirectory:
    return JournalDirectory(tmp_path / "journal" / "job")


def test_a_record_is_on_disk_when_append_returns(directory: JournalDirectory) -> None:
    journal = begun(directory, operation_frame("start"))
    journal.append(frame(0.5))
    assert [type(record) for record in records(directory, journal.writer)] == [Operation, Point]


def test_the_identity_can_be_read_by_its_owner_alone(directory: JournalDirectory) -> None:
    begun(directory)
    assert (directory.path / "job.json").stat().st_mode & 0o777 == 0o600
    assert Identity.load(directory.path) == IDENTITY


def test_a_full_segment_is_followed_by_another_and_none_is_lost(directory: JournalDirectory) -> None:
    journal = begun(directory)
    count = 2 * SEGMENT_BYTES // len(frame(0.0)) + 10
    for number in range(count):
        journal.append(frame(float(number)))
    assert len(directory.segments(journal.writer)) == 3
    assert len(records(directory, journal.writer)) == count


@pytest.mark.parametrize("call", ["open", "close"])
def test_what_the_handler_of_a_signal_logs_between_two_segments_is_kept(
    directory: JournalDirectory, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    start = operation_frame("start")
    journal = begun(directory, start)
    real = getattr(os, call)

    def interrupted(*arguments: Any) -> Any:
        monkeypatch.undo()
        result = real(*arguments)
        journal.append(frame(2.0))
        return result

    monkeypatch.setattr(os, call, interrupted)
    count = 2
    while real is not getattr(os, call):
        journal.append(frame(1.0))
        count += 1
    journal.append(frame(3.0))
    found = records(directory, journal.writer)
    assert [type(record) for record in found] == [Operation, *[Point] * count]
    assert journal.position == len(start) + count * len(frame(0.0))


@pytest.mark.parametrize(
    ("call", "earlier", "is_before"),
    [
        ("fstat", 0, True),
        ("fstat", 1, True),
        ("pread", 0, True),
        ("fstat", 1, False),
        ("pread", 0, False),
        ("ftruncate", 0, False),
        ("lseek", 0, False),
    ],
)
@pytest.mark.parametrize("logged", [1, 20, 40])
def test_what_the_handler_of_a_signal_logs_while_the_end_is_looked_for_is_kept(
    directory: JournalDirectory, monkeypatch: pytest.MonkeyPatch, call: str, earlier: int, logged: int, is_before: bool
) -> None:
    monkeypatch.setattr(journal_file, "SEGMENT_BYTES", 20 * len(frame(0.0)))
    journal = begun(directory)
    for _ in range(20):
        journal.append(frame(1.0))
    with interrupted_writes(monkeypatch, 9), pytest.raises(KeyboardInterrupt):
        journal.append(frame(1.0))
    real, left = getattr(os, call), earlier

    def handle() -> None:
        monkeypatch.setattr(os, call, real)
        for _ in range(logged):
            journal.append(frame(2.0))

    def interrupted(*arguments: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0 and is_before:
            handle()
        result = real(*arguments)
        if left < 0 and not is_before:
            handle()
        return result

    monkeypatch.setattr(os, call, interrupted)
    journal.settle()
    assert getattr(os, call) is real
    journal.append(frame(3.0))
    assert len(records(directory, journal.writer)) == 20 + logged + 1
    assert journal.position == (20 + logged + 1) * len(frame(0.0))


def test_applied_segments_are_removed_but_not_the_one_being_written(directory: JournalDirectory) -> None:
    journal = begun(directory)
    while len(directory.segments(journal.writer)) < 3:
        journal.append(frame(0.0))
    directory.discard(journal.writer, directory.segments(journal.writer)[1].base)
    assert len(directory.segments(journal.writer)) == 2
    directory.discard(journal.writer, journal.position)
    assert len(directory.segments(journal.writer)) == 1


@pytest.mark.parametrize("torn", range(1, 12))
def test_a_torn_tail_is_not_read(directory: JournalDirectory, torn: int) -> None:
    journal = begun(directory)
    journal.append(frame(1.0))
    journal.append(frame(2.0))
    journal.release()
    path = directory.segments(journal.writer)[0].path
    path.write_bytes(path.read_bytes()[:-torn])
    assert len(records(directory, journal.writer)) == 1


def test_threads_write_whole_records(directory: JournalDirectory) -> None:
    journal = begun(directory)

    def write() -> None:
        for number in range(2_000):
            journal.append(frame(float(number)))

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(records(directory, journal.writer)) == 8_000
    assert journal.position == 8_000 * len(frame(0.0))


def test_a_living_writer_holds_its_lock(directory: JournalDirectory) -> None:
    journal = begun(directory)
    assert directory.lock(journal.writer) is None
    journal.release()
    lock = directory.lock(journal.writer)
    assert lock is not None
    os.close(lock)


def test_a_home_that_cannot_be_written_to_gives_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "journal").write_text("a file, where a directory should be")
    journal = Journal(JournalDirectory(tmp_path / "journal" / "job"), IDENTITY, b"", lambda: None)
    for _ in range(3):
        journal.append(frame(0.0))
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "the run goes on" in caplog.text


def test_what_finds_a_full_disk_waits_in_memory_with_one_warning(
    directory: JournalDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    journal = begun(directory)
    journal.append(frame(1.0))
    size = journal.position
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, hard))  # the next record finds room for a part of it
    try:
        journal.append(frame(2.0))
        journal.append(frame(3.0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
    journal.append(frame(4.0))
    assert len(records(directory, journal.writer)) == 1  # what waits is written soon, in its order
    assert not journal.settle() or journal.position == size + 3 * len(frame(0.0))
    journal.finish()
    values = [POINT.unpack(each.packed)[3] for each in records(directory, journal.writer) if isinstance(each, Point)]
    assert values == [1.0, 2.0, 3.0, 4.0]
    assert len(caplog.records) == 1


@pytest.mark.parametrize("is_rotated", [False, True])
def test_an_exception_right_behind_a_write_leaves_the_record_in_its_place(
    directory: JournalDirectory, monkeypatch: pytest.MonkeyPatch, is_rotated: bool
) -> None:
    journal = begun(directory, operation_frame("start"))
    journal.append(frame(0.0))
    with interrupted_writes(monkeypatch), pytest.raises(KeyboardInterrupt):
        journal.append(frame(1.0))
    count = SEGMENT_BYTES // len(frame(0.0)) + 2 if is_rotated else 3
    for number in range(2, count):
        journal.append(frame(float(number)))
    assert len(directory.segments(journal.writer)) == 1 + is_rotated
    points = records(directory, journal.writer)[1:]
    assert [POINT.unpack(each.packed)[3] for each in points if isinstance(each, Point)] == list(
        map(float, range(count))
    )
    assert journal.position == len(operation_frame("start")) + count * len(frame(0.0))


def test_what_an_exception_has_torn_is_cut_off_before_the_next_record(
    directory: JournalDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(directory)
    with interrupted_writes(monkeypatch, 9), pytest.raises(KeyboardInterrupt):
        journal.append(frame(1.0))
    journal.append(frame(2.0))
    assert len(records(directory, journal.writer)) == 1
    assert journal.position == len(frame(0.0))


def test_the_last_record_is_counted_though_its_writing_was_interrupted(
    directory: JournalDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = begun(directory)
    with interrupted_writes(monkeypatch), pytest.raises(KeyboardInterrupt):
        journal.append(frame(1.0))
    assert journal.settle()
    assert journal.position == len(frame(0.0))


def test_an_exception_while_the_journal_begins_leaves_one_beginning(
    directory: JournalDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins: list[int] = []
    journal = Journal(directory, IDENTITY, operation_frame("start"), lambda: begins.append(1))
    with interrupted_writes(monkeypatch), pytest.raises(KeyboardInterrupt):
        journal.append(frame(1.0))
    journal.append(frame(2.0))
    assert [type(record) for record in records(directory, journal.writer)] == [Operation, Point]
    assert begins == [1]


def test_what_lies_behind_the_beginning_of_a_later_segment_is_kept(directory: JournalDirectory) -> None:
    journal = begun(directory)
    journal.append(frame(1.0))
    directory.segment_path(journal.writer, journal.position).touch()
    journal.append(frame(2.0))
    directory.discard(journal.writer, len(frame(0.0)))
    assert len(records(directory, journal.writer)) == 2


def test_what_waits_in_memory_takes_the_place_of_what_the_server_has(directory: JournalDirectory) -> None:
    journal = begun(directory, operation_frame("start"))
    with limited_files(4_000):
        sent: list[Record] = []
        for number in range(1_000):
            journal.append(frame(float(number)))
        while not journal.settle() or journal.acknowledged < journal.position:
            data = directory.read(journal.writer, journal.acknowledged, journal.position)
            sent += [record for _, record in read_frames(data)]
            assert data
            journal.acknowledged += len(data)
        journal.append(operation_frame("end"))
        assert journal.settle() or journal.settle()
    sent += [
        record for _, record in read_frames(directory.read(journal.writer, journal.acknowledged, journal.position))
    ]
    values = [POINT.unpack(each.packed)[3] for each in sent if isinstance(each, Point)]
    assert values == list(map(float, range(1_000)))
    assert isinstance(sent[-1], Operation)


def test_records_that_never_find_room_are_counted_at_the_end(
    directory: JournalDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    journal = begun(directory)
    with limited_files(10 * len(frame(0.0))):
        for number in range(25):
            journal.append(frame(float(number)))
        assert not journal.is_whole
        journal.release()
    assert len(records(directory, journal.writer)) == 10
    assert [record.message for record in caplog.records][1:] == [
        f"15 records found no room in `{directory.path}` and are lost."
    ]


def test_the_identity_stays_where_another_process_begins_while_one_leaves(
    directory: JournalDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving, coming = begun(directory), Journal(directory, IDENTITY, b"", lambda: None)
    leaving.finish()
    real = JournalDirectory.writers

    def writers(directory: JournalDirectory) -> list[str]:
        found = real(directory)
        if not found:
            coming.append(frame(1.0))
        return found

    monkeypatch.setattr(JournalDirectory, "writers", writers)
    directory.remove_writer(leaving.writer)
    assert Identity.load(directory.path) == IDENTITY
    assert len(records(directory, coming.writer)) == 1
    assert [path.name for path in directory.path.parent.iterdir()] == ["job"]


def test_every_record_survives_the_sudden_death_of_the_process(script: Script) -> None:
    code = """
        import foundations, os
        print(os.environ["FOUNDATIONS_HOME"], flush=True)
        number = 0
        while True:
            foundations.log_metric("loss", float(number))
            number += 1
            if number % 1000 == 0:
                print(number, flush=True)
    """
    process = script.start(code)
    assert process.stdout is not None
    said = 0
    while said < 40_000:
        line = process.stdout.readline()
        said = int(line) if line.strip().isdigit() else said
    process.kill()
    rest, _ = process.communicate(timeout=30)
    said = max([said, *(int(line) for line in rest.splitlines() if line.isdigit())])
    directory = JournalDirectory(script.journals[0])
    (writer,) = directory.writers()
    points = [record for record in records(directory, writer) if isinstance(record, Point)]
    assert len(points) >= said


def test_without_room_for_another_file_the_segment_grows_and_is_read_in_batches(
    directory: JournalDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    journal = begun(directory)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    long = operation_frame("param", name="long", value="x" * (4 * 1024 * 1024))
    lowest_free = os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, hard))
    try:
        for _ in range(9):
            journal.append(long)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert len(directory.segments(journal.writer)) == 1
    assert caplog.records == []
    for end in (None, journal.position):
        assert 0 < len(directory.read(journal.writer, 0, end)) <= BATCH_BYTES
    assert len(records(directory, journal.writer)) == 9
    journal.append(long)
    assert len(directory.segments(journal.writer)) == 2


def test_points_beyond_the_limit_are_dropped_with_one_warning_until_a_server_takes_some(
    directory: JournalDirectory, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOUNDATIONS_JOURNAL_GB", str(2 * SEGMENT_BYTES / 1024**3))
    journal = begun(directory)
    for _ in range(3 * SEGMENT_BYTES // len(frame(0.0))):
        journal.append(frame(1.0))
    assert journal.position < 2 * SEGMENT_BYTES + 3 * len(frame(0.0))
    assert len(caplog.records) == 1
    journal.append(operation_frame("end"))
    journal.acknowledged = SEGMENT_BYTES
    journal.append(frame(2.0))
    found = records(directory, journal.writer)[-2:]
    assert [type(record) for record in found] == [Operation, Point]


@pytest.mark.parametrize("is_reused", [False, True])
def test_a_journal_whose_file_was_closed_goes_on_and_no_other_is_written_to(
    directory: JournalDirectory, tmp_path: Path, is_reused: bool
) -> None:
    journal = begun(directory)
    journal.append(frame(1.0))
    assert journal._guard is not None
    numbers = journal._file.number, journal._guard.number
    foreign = os.open(tmp_path / "foreign", os.O_RDWR | os.O_CREAT)
    for number in numbers:
        os.close(number)
        if is_reused:
            os.dup2(foreign, number)
    journal.append(frame(2.0))
    assert directory.lock(journal.writer) is None
    journal.release()
    assert len(records(directory, journal.writer)) == 2
    assert (tmp_path / "foreign").read_bytes() == b""
    if is_reused:
        for number in numbers:
            os.close(number)  # it was left open: it is not ours
    os.close(foreign)


def test_a_journal_that_others_took_while_it_was_closed_ends_with_one_sentence(
    directory: JournalDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    journal = begun(directory)
    journal.append(frame(1.0))
    assert journal._guard is not None
    for number in (journal._file.number, journal._guard.number):
        os.close(number)
    directory.remove_writer(journal.writer)
    for _ in range(3):
        journal.append(frame(2.0))
    assert [record.message for record in caplog.records] == [
        "The script has closed the files of its journal; nothing more of the run is recorded."
    ]
