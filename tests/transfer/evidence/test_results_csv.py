import csv

import numpy as np

from radtex.transfer.evidence.results_csv import write_results_csv

HEADER = "encoder,protocol,target,budget,repeat,auc,n_labelled,n_positive,n_test"


def test_results_csv_has_the_contracts_columns_and_every_score(results, tmp_path):
    write_results_csv(results, tmp_path / "results.csv")
    text = (tmp_path / "results.csv").read_text()
    assert text.splitlines()[0] == HEADER
    rows = list(csv.DictReader(text.splitlines()))
    np.testing.assert_array_equal([float(row["auc"]) for row in rows], results.scores["auc"])
