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
        {"patient": "1", "age": "63", "label": "1", "abnormal": "1", "text": "clear"},
        {"patient": "2", "age": "", "label": "", "abnormal": "0", "text": ""},
    ]
