"""Tables as Parquet."""

import pandas as pd

from radtex.corpus.tables import read_table


def test_parquet_gives_the_same_text_as_csv(tmp_path):
    frame = pd.DataFrame(
        {
            "patient": [1, 2],
            "age": [63.0, None],
            "label": pd.array([1, None], dtype="Int8"),
            "abnormal": [True, False],
            "text": ["clear", None],
        }
    )
    frame.to_parquet(tmp_path / "table.parquet")
    assert read_table(tmp_path / "table.parquet").rows == [
        {"patient": "1", "age": "63", "label": "1", "abnormal": "True", "text": "clear"},
        {"patient": "2", "age": "", "label": "", "abnormal": "False", "text": ""},
    ]


def test_whole_numbers_beside_blanks_keep_their_digits(tmp_path):
    frame = pd.DataFrame({"id": pd.array([9007199254740993, None], dtype="Int64")})
    frame.to_parquet(tmp_path / "t.parquet")
    assert [row["id"] for row in read_table(tmp_path / "t.parquet").rows] == [
        "9007199254740993",
        "",
    ]
