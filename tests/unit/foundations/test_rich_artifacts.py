"""Figures, pictures, sounds and tables become files that other programs read as they were."""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy
import pytest
from tests.unit.foundations.conftest import Script
from tests.unit.foundations.journal_server import JournalServer

import foundations
from foundations.audio_file import samples_of, write_wav
from foundations.image_file import pixels_of, write_png
from foundations.table_file import table_of, write_table

pandas = pytest.importorskip("pandas")
Image = pytest.importorskip("PIL.Image")


def saved(tracked: Script, server: JournalServer, code: str) -> dict[str, tuple[dict[str, Any], bytes]]:
    """Run a script that saves artifacts; return of each what was recorded, and its bytes."""
    ended = tracked.run(f"import foundations\nimport numpy\n{code}")
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    job = server.only_job
    return {each["key"]: (each, server.files[job, each["path"]]) for each in server.operations(job, "artifact")}


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 2), (5, 7, 3), (5, 7, 4)])
def test_a_picture_of_bytes_is_read_as_it_was(tmp_path: Path, shape: tuple[int, ...]) -> None:
    array = numpy.random.default_rng(1).integers(0, 256, shape, dtype="uint8")
    write_png(pixels_of(array), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert (numpy.asarray(image).reshape(pixels_of(array).shape) == pixels_of(array)).all()
        assert image.mode == {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[shape[2] if len(shape) == 3 else 1]


def test_a_picture_of_numbers_up_to_one_uses_the_whole_range() -> None:
    assert pixels_of(numpy.array([[0.0, 0.5, 1.0]])).ravel().tolist() == [0, 128, 255]
    assert pixels_of(numpy.array([[True, False]])).ravel().tolist() == [255, 0]
    assert pixels_of([[0, 255]]).ravel().tolist() == [0, 255]


@pytest.mark.parametrize(
    ("image", "kind", "message"),
    [
        (numpy.zeros(3), ValueError, r"image: an array of shape \(3,\) is no picture"),
        (numpy.zeros((3, 4, 5)), ValueError, "is no picture"),
        (numpy.zeros((0, 4)), ValueError, "is no picture"),
        (numpy.array([[0.0, 1.5]]), ValueError, "values from 0.0 to 1.5"),
        (numpy.array([[0.0, numpy.nan]]), ValueError, "values from nan"),
        (numpy.array([[300]]), ValueError, "values from 300 to 300"),
        (object(), TypeError, "image: object is no picture"),
        (numpy.array([["a"]]), TypeError, "is no picture"),
    ],
)
def test_what_is_no_picture_is_refused_even_outside_of_a_job(image: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        foundations.log_image(image, "x")


def test_pictures_of_a_series_keep_their_steps(tracked: Script, server: JournalServer) -> None:
    code = """
from PIL import Image
for step in range(3):
    foundations.log_image(numpy.full((2, 2), step * 100, "uint8"), "samples/all", step=step)
foundations.log_image(Image.new("CMYK", (4, 3)), "print.png")
Image.new("RGB", (1, 1)).save("on disk.gif")
foundations.log_image("on disk.gif", "moving")
"""
    found = saved(tracked, server, code)
    assert sorted(found) == ["moving", "print.png", "samples/all/0", "samples/all/1", "samples/all/2"]
    for step in range(3):
        record, content = found[f"samples/all/{step}"]
        assert (record["kind"], record["name"], record["step"]) == ("image", "samples/all", step)
        assert record["filename"] == "samples_all.png"
        assert numpy.asarray(Image.open(io.BytesIO(content))).tolist() == [[step * 100] * 2] * 2
    assert Image.open(io.BytesIO(found["print.png"][1])).size == (4, 3)
    assert found["print.png"][0]["path"] == "user_artifacts/print.png"
    assert (found["moving"][0]["kind"], found["moving"][0]["filename"]) == ("image", "on disk.gif")


def test_a_sound_is_read_as_it_was(tmp_path: Path) -> None:
    write_wav(samples_of(numpy.array([[0.0, 1.0], [-1.0, 0.5]])), 8000, tmp_path / "a.wav")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getframerate(), file.getsampwidth()) == (2, 8000, 2)
        assert numpy.frombuffer(file.readframes(9), "<i2").tolist() == [0, 32767, -32767, 16384]
    assert samples_of(numpy.array([1, -2], ">i2")).tobytes() == b"\1\0\xfe\xff"


@pytest.mark.parametrize(
    ("samples", "rate", "kind", "message"),
    [
        (numpy.zeros(3), None, ValueError, "rate: None is no number of samples a second"),
        (numpy.zeros(3), 0, ValueError, "rate: 0"),
        (numpy.array([2.0]), 8000, ValueError, "values from 2.0 to 2.0"),
        (numpy.zeros(3, "int32"), 8000, TypeError, "ndarray of int32 is no sound"),
        (numpy.zeros((1, 2, 3)), 8000, ValueError, "is no sound"),
    ],
)
def test_what_is_no_sound_is_refused(samples: Any, rate: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        foundations.log_audio(samples, "x", rate)


ROWS = [{"a": 1, "b": "x,y"}, {"a": 2, "c": 0.5}]
CSV = 'a,b,c\n1,"x,y",\n2,,0.5\n'


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (ROWS, CSV),
        (iter(ROWS), CSV),
        ({"a": [1, 2], "b": numpy.array([3, 4])}, "a,b\n1,3\n2,4\n"),
        (pandas.DataFrame({"a": [1], "b": ["ü"]}), "a,b\n1,ü\n"),
        (pandas.DataFrame({"a": [1]}, index=["first"]), ",a\nfirst,1\n"),
        (pandas.Series([1, 2], name="a"), "a\n1\n2\n"),
    ],
)
def test_a_table_is_written_as_csv(tmp_path: Path, table: Any, text: str) -> None:
    write_table(table_of(table), tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text().replace("\r\n", "\n") == text


def test_a_table_is_written_as_parquet_where_the_key_says_so(tracked: Script, server: JournalServer) -> None:
    pytest.importorskip("pyarrow")
    code = 'foundations.log_table(iter([{"a": 1}, {"a": 2}]), "t.parquet", step=4)'
    record, content = saved(tracked, server, code)["t.parquet/4"]
    assert (record["kind"], record["filename"]) == ("table", "t.parquet")
    assert pandas.read_parquet(io.BytesIO(content))["a"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("table", "kind", "message"),
    [
        (3, TypeError, "table: int is no table"),
        ("a,b", TypeError, "table: str is no table"),
        ([1, 2], TypeError, "table: list is no table"),
        ({"a": [1], "b": [1, 2]}, ValueError, r"different lengths: a \(1\), b \(2\); give"),
        ({"a": "text"}, TypeError, "table: column 'a' is str; give a list of its values"),
        ({"a": 1}, TypeError, "table: column 'a' is int; give a list of its values"),
        ({"a": numpy.array(1)}, TypeError, "table: column 'a' is ndarray"),
        ({}, ValueError, "table: it has no columns"),
        (pandas.DataFrame, TypeError, "table: type is no table"),
    ],
)
def test_what_is_no_table_is_refused(table: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        foundations.log_table(table, "x")


def test_figures_are_kept_as_pictures_or_as_what_draws_them(tracked: Script, server: JournalServer) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("plotly")
    code = """
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot
import plotly.graph_objects as graph
figure, axes = pyplot.subplots()
axes.plot([1, 2, 3])
foundations.log_figure(figure, "whole")
foundations.log_figure(axes, "axes", step=2)
foundations.log_figure(pyplot, "now")
foundations.log_figure(graph.Figure(graph.Scatter(y=[1, 2])), "live")
"""
    found = saved(tracked, server, code)
    assert {key: record["filename"] for key, (record, _) in found.items()} == {
        "whole": "whole.png",
        "axes/2": "axes.png",
        "now": "now.png",
        "live": "live.plotly.json",
    }
    assert {record["kind"] for record, _ in found.values()} == {"figure"}
    assert Image.open(io.BytesIO(found["whole"][1])).size[0] > 100
    assert json.loads(found["live"][1])["data"][0]["type"] == "scatter"


@pytest.mark.parametrize("figure", [None, "a.png", 3])
def test_what_is_no_figure_is_refused(figure: object) -> None:
    with pytest.raises(TypeError, match="is no figure of matplotlib or plotly"):
        foundations.log_figure(figure, "x")


@pytest.mark.parametrize("key", ["", " ", None, 3])
def test_a_key_is_a_text(key: Any) -> None:
    with pytest.raises(ValueError, match="cannot name an artifact"):
        foundations.log_table(ROWS, key)


def test_a_step_is_a_whole_number() -> None:
    with pytest.raises(TypeError, match=r"Invalid step 1\.5"):
        foundations.log_table(ROWS, "x", step=1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Invalid step 'a'"):
        foundations.save_artifact("x", step="a")  # type: ignore[arg-type]


def test_files_of_a_series_do_not_replace_each_other(tracked: Script, server: JournalServer) -> None:
    code = """
from pathlib import Path
for step in (1, 2):
    Path("w.bin").write_text(str(step))
    foundations.save_artifact("w.bin", step=step)
"""
    found = saved(tracked, server, code)
    assert {key: content for key, (_, content) in found.items()} == {"w.bin/1": b"1", "w.bin/2": b"2"}
    assert [record["name"] for record, _ in found.values()] == ["w.bin", "w.bin"]


def test_saving_something_to_look_at_outside_of_a_job_warns(script: Script) -> None:
    script.environment["FOUNDATIONS_COMMAND_LINE"] = "True"
    ended = script.run("import foundations\nfoundations.log_table([{'a': 1}], 'x')")
    assert ended.returncode == 0
    assert "Cannot save artifact outside of job." in ended.stderr


def test_a_row_that_is_no_mapping_is_named_and_a_table_without_rows_refused() -> None:
    with pytest.raises(TypeError, match="row 1 is no mapping but int"):
        foundations.log_table([{"a": 1}, 5], "table.csv")
    with pytest.raises(ValueError, match="it has no rows"):
        foundations.log_table([], "table.csv")
