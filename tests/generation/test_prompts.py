from pathlib import Path

import pytest

from radtex.errors import RunError
from radtex.generation.prompts import choose_prompts, read_prompts


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
    with pytest.raises(RunError, match=r"cannot read the prompts .*nowhere\.txt"):
        read_prompts(tmp_path / "nowhere.txt")


def test_a_prompt_or_a_file_of_them(tmp_path: Path) -> None:
    assert choose_prompts(" There is ", None) == ["There is"]
    assert choose_prompts(None, None) == [""]
    with pytest.raises(RunError, match="choose one"):
        choose_prompts("There is", tmp_path)
