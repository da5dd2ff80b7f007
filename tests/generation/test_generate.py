"""From a run and radiographs to a file of reports."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from radtex.corpus.corpus import Corpus
from radtex.errors import ImageError, OutputError, RunError
from radtex.generation.generate import choose_prompts, generate, read_prompts
from radtex.generation.run_films import films_of
from radtex.generation.writing import Writing
from radtex.models.decoding import beam_search
from radtex.models.decoding_options import DecodingOptions
from radtex.models.run import Run

GREEDY = Writing()


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def folder(phantom_corpus: Corpus, tmp_path: Path) -> Path:
    """Two films, and between them by name a text and a damaged film."""
    films = tmp_path / "films"
    (films / "deep").mkdir(parents=True)
    Image.fromarray(phantom_corpus.images[0]).save(films / "a.png")
    (films / "b.png").write_bytes(b"\x89PNG, cut off")
    (films / "b.txt").write_text("no film")
    (films / ".hidden.png").write_bytes(b"")
    Image.fromarray(phantom_corpus.images[1]).save(films / "deep" / "c.png")
    return films


@pytest.fixture
def opened(writing_run: Path) -> Run:
    return Run.open(writing_run)


def test_each_line_of_a_corpus_holds_report_and_untouched_reference(
    opened: Run, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    generate(opened, films_of(opened, (), phantom_corpus.path), out, GREEDY)
    rows = phantom_corpus.rows("test")
    model = opened.load()
    decoder, tokenizer = model.writer()
    expected = beam_search(decoder, model.memory(phantom_corpus.images[rows]), DecodingOptions())
    for line, row, (caption,) in zip(lines_of(out), rows, expected, strict=True):
        of_row = phantom_corpus.index.iloc[row]
        assert line == {
            "image_id": of_row["image_id"],
            "text": tokenizer.decode(caption.tokens),
            "tokens": list(caption.tokens),
            "score": pytest.approx(caption.score, abs=1e-4),
            "run": str(opened.path),
            "reference": f"{of_row['findings']}\n{of_row['impression']}",
            "sections": ["findings", "impression"],
            "corpus": str(phantom_corpus.path),
        }


def test_an_unreadable_film_has_a_line_with_its_error_and_the_others_go_on(
    opened: Run, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out, alone = tmp_path / "out.jsonl", tmp_path / "alone.jsonl"
    names = [str(folder), str(tmp_path / "nowhere.png")]
    with caplog.at_level(logging.INFO):
        generate(opened, films_of(opened, names), out, GREEDY)
    assert "2 of 4 images could not be read" in caplog.text
    assert "of 2 reports refer to earlier studies" in caplog.text
    lines = lines_of(out)
    ids = [str(folder / name) for name in ("a.png", "b.png", "deep/c.png")]
    assert [line["image_id"] for line in lines] == [*ids, names[1]]
    assert ["error" in line for line in lines] == [False, True, False, True]
    assert not any("text" in line for line in lines if "error" in line)
    generate(opened, films_of(opened, [ids[2]]), alone, GREEDY)
    assert lines_of(alone)[0]["text"] == lines[2]["text"]


def test_films_of_which_none_can_be_read_make_no_file(
    opened: Run, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(ImageError, match=r"none of the 1 images could be read.*b\.png"):
        generate(opened, films_of(opened, [str(folder / "b.png")]), tmp_path / "o", GREEDY)
    assert not (tmp_path / "o").exists()


def test_each_film_is_given_a_report_per_prompt(opened: Run, folder: Path, tmp_path: Path) -> None:
    prompts, out = ["There is", "No 🫁 effusion"], tmp_path / "out.jsonl"
    generate(opened, films_of(opened, [f"{folder}/**/*.png"]), out, GREEDY, prompts)
    lines = [line for line in lines_of(out) if "error" not in line]
    assert [line["prompt"] for line in lines] == prompts * 2
    assert all(line["text"].startswith(line["prompt"].lower()) for line in lines)
    assert [Path(line["image_id"]).name for line in lines] == ["a.png", "a.png", "c.png", "c.png"]


def test_a_sample_depends_on_seed_and_image_alone(
    opened: Run, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    names = [str(tmp_path / f"{row}.png") for row in range(6)]
    for row, name in enumerate(names):
        Image.fromarray(phantom_corpus.images[row]).save(name)

    def write(out: str, seed: int, *some: str) -> bytes:
        writing = Writing(DecodingOptions(top_p=0.95), seed=seed)
        generate(opened, films_of(opened, some), tmp_path / out, writing)
        return (tmp_path / out).read_bytes()

    first = write("a", 1, *names)
    assert write("b", 1, *names) == first
    assert write("c", 2, *names) != first
    texts = {line["image_id"]: line["text"] for line in lines_of(tmp_path / "a")}
    write("d", 1, names[4], names[2])
    assert [line["text"] for line in lines_of(tmp_path / "d")] == [texts[names[4]], texts[names[2]]]


def test_mistakes_leave_no_file(opened: Run, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    films = films_of(opened, [str(folder)])
    deaf = Path(shutil.copytree(opened.path, tmp_path / "deaf"))
    config = yaml.safe_load((deaf / "config.yaml").read_text())
    config["model"]["decoder"] = None
    (deaf / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(RunError, match="cannot write"):
        generate(Run.open(deaf), films, out, GREEDY)
    with pytest.raises(RunError, match="context holds 23"):
        generate(opened, films, out, GREEDY, ["There is", "effusion " * 40])
    with pytest.raises(RunError, match="several with --beam"):
        Writing(reranked=True)
    assert not out.exists()
    out.write_text("mine")
    with pytest.raises(OutputError, match="already exists"):
        generate(opened, films, out, GREEDY)
    assert out.read_text() == "mine"


def test_a_file_holds_one_prompt_a_line(tmp_path: Path) -> None:
    path = tmp_path / "prompts.txt"
    path.write_text("There is\n\n  the heart \r\n", encoding="utf-8")
    assert read_prompts(path) == ["There is", "the heart"]
    assert choose_prompts(None, path) == ["There is", "the heart"]


@pytest.mark.parametrize(
    ("content", "message"), [(b"\n \n", "holds no prompt"), (b"\xff\xfe", "UTF-8")]
)
def test_a_file_without_prompts_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "prompts.txt"
    path.write_bytes(content)
    with pytest.raises(RunError, match=message):
        read_prompts(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"nowhere\.txt does not exist"):
        read_prompts(tmp_path / "nowhere.txt")


def test_a_prompt_or_a_file_of_them(tmp_path: Path) -> None:
    assert choose_prompts(" There is ", None) == ["There is"]
    assert choose_prompts(None, None) == [""]
    with pytest.raises(RunError, match="choose one"):
        choose_prompts("There is", tmp_path)


def test_training_reports_are_asked_where_their_corpus_is_named(
    opened: Run, phantom_corpus: Corpus, tmp_path: Path
) -> None:
    out, chosen = tmp_path / "out.jsonl", Writing(nearest=3)
    films = films_of(opened, (), phantom_corpus.path, "validate")
    with pytest.raises(RunError, match="--train-corpus"):
        generate(opened, films, out, chosen)
    with pytest.raises(RunError, match="do not begin with a prompt"):
        generate(opened, films, out, chosen, ["There is"], phantom_corpus.path)
    generate(opened, films, out, chosen, train_corpus=phantom_corpus.path)
    assert {line["origin"] for line in lines_of(out)} <= {"written", "training report"}
    assert len(lines_of(out)) == len(phantom_corpus.rows("validate"))
