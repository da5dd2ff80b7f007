"""Rung 3p: who is tested when, and how its rounds are pooled."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import real_pairs
import torch
from kept_scores import keep
from numpy.typing import NDArray
from PIL import Image
from scipy import stats

from radtex.statistics.auc import auc
from radtex.statistics.crossed import Crossed


def write_archive(folder: Path, count: int) -> pd.DataFrame:
    """Films like those of Shenzhen: half normal; sides, zones and pleura in the others."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for number in range(count):
        grey = np.full((40, 20), 200, np.uint8)
        grey[6:34, 3:17] = number  # the centre, 15 to 85 % of either side
        Image.fromarray(grey).save(folder / "images" / f"f{number}.png")
        sick = number % 2
        rows.append(
            {
                "image": f"images/f{number}.png",
                "patient_id": f"p{number}",
                "study_id": f"p{number}",
                "view": "frontal",
                "findings": "right PTB" if sick else "normal",
                "tb": sick,
                "side": ("right", "left", "both", "")[number // 2 % 4] if sick else "",
                "upper_zone": number // 2 % 2 if sick else "",
                "pleura": int(number % 10 == 1) if sick else "",
            }
        )
    table = pd.DataFrame(rows)
    table.to_csv(folder / "studies.csv", index=False)
    return table


def test_each_patient_is_tested_once_and_labels_of_sides_are_of_the_abnormal(
    tmp_path: Path,
) -> None:
    films = write_archive(tmp_path / "archive", 100)
    real_pairs.folds(tmp_path / "archive" / "studies.csv", out=tmp_path / "tables")
    rounds = [pd.read_csv(tmp_path / "tables" / f"fold-{fold}.csv") for fold in range(5)]
    tested = [set(each.loc[each["split"] == "test", "patient_id"]) for each in rounds]
    pools = [set(each.loc[each["split"] == "pool", "patient_id"]) for each in rounds]
    assert sorted(patient for each in tested for patient in each) == sorted(films["patient_id"])
    for fold, each in enumerate(rounds):
        assert pools[fold] == tested[(fold + 1) % 5]
        assert (each["split"] == "train").sum() == 60
        for target in ("Tuberculosis", "Pleura"):
            assert each.loc[each["split"] == "test", target].sum() == (films[
                {"Tuberculosis": "tb", "Pleura": "pleura"}[target]
            ].replace("", 0).astype(int).sum() / 5)  # fmt: skip
    one = rounds[0].set_index("patient_id")
    assert one.loc["p0", ["Right side", "Left side", "Upper zone", "Pleura"]].isna().all()
    sides = [tuple(one.loc[f"p{n}", ["Right side", "Left side"]]) for n in (1, 3, 5)]
    assert sides == [(1, 0), (0, 1), (1, 1)]
    assert one.loc["p7", ["Right side", "Left side"]].isna().all()  # no side is told
    with Image.open(tmp_path / "tables" / one.loc["p7", "image"]) as film:
        assert film.size == (14, 28)
        assert set(np.unique(np.asarray(film)).tolist()) == {7}


def test_rounds_have_the_variance_of_nadeau_and_bengio() -> None:
    values = np.array([[0.70], [0.74], [0.69], [0.73], [0.72]])
    (found,) = real_pairs.over_rounds(values)
    error = np.sqrt(values.var(ddof=1) * (1 / 5 + 1 / 3))
    assert found.mean == pytest.approx(values.mean())
    assert found.high - found.mean == pytest.approx(stats.t.isf(0.025, 4) * error)
    assert found.p == pytest.approx(2 * stats.t.sf(values.mean() / error, 4))


def test_the_pool_command_tells_each_target_by_the_rounds_that_serve_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = np.random.default_rng(5)
    for encoder, level in (("radtex", 0.8), ("imagenet", 0.6)):
        for fold in range(5):
            targets = ("A", "B") if fold < 3 else ("A",)
            keep_rounds(tmp_path / "scores" / encoder / str(fold), targets, level, generator)
    real_pairs.pool(
        tmp_path / "scores", encoder="radtex", unseen=["A"], primary=["imagenet"],
        out=tmp_path / "pooled",
    )  # fmt: skip
    result = json.loads((tmp_path / "pooled" / "pooled.json").read_text())
    assert result["rounds"] == {real_pairs.UNSEEN: 5, "A": 5, "B": 3}
    (difference,) = result["differences"][real_pairs.UNSEEN]["imagenet"]
    assert 0.1 < difference["low"] < difference["mean"] < 0.3
    assert result["p_holm"]["imagenet"] == [pytest.approx(difference["p"])]
    assert "| radtex − imagenet | +0." in capsys.readouterr().out
    with pytest.raises(SystemExit, match="cannot serve B"):
        real_pairs.pool(
            tmp_path / "scores", encoder="radtex", unseen=["B"], primary=["imagenet"],
            out=tmp_path / "other",
        )  # fmt: skip


def keep_rounds(
    folder: Path, targets: tuple[str, ...], level: float, generator: np.random.Generator
) -> None:
    """Keep scores that nobody measured, of eight draws with one budget."""
    count, patients = len(targets), 20
    values = level + 0.02 * generator.standard_normal((count, 8, 1))
    moved = 0.005 * generator.standard_normal((count, 8, 1, patients))
    draws = [
        SimpleNamespace(target=t, budget=20, repeat=r, studies=range(20), positive=np.ones(9))
        for t in range(count)
        for r in range(8)
    ]
    experiment = SimpleNamespace(
        targets=targets, budgets=(20,), draws=draws, design=SimpleNamespace(repeats=8)
    )
    scores = SimpleNamespace(
        auc=values,
        crossed=lambda _, place=slice(None): Crossed(
            np.atleast_3d(values[place]).reshape(-1, 8, 1).mean(0)[None],
            moved[place].reshape(-1, 8, 1, patients).mean(0)[None],
        ),
    )
    about = {
        "encoder": "some", "content_hash": "h", "targets": list(targets), "budgets": [20],
        "repeats": 8, "seed": 0, "protocol_version": 2, "test_patients": patients,
        "left_out": {},
    }  # fmt: skip
    folder.parent.mkdir(parents=True, exist_ok=True)
    keep(folder, experiment, scores, about, each_target=True)  # type: ignore[arg-type]


PATIENTS, WIDTH, LABELS, DRAWS = 330, 40, 20, 10


def simulated(generator: np.random.Generator) -> list[real_pairs.Rounds]:
    """One set of patients, cross-fitted, for two encoders of which neither is better.

    Half of the features tell the finding to either encoder. It learns a direction from noisy
    readings of three fifths; a probe weighs that and five features as they come.
    """
    found = (generator.random(PATIENTS) < 0.4).astype(int)
    readings = np.where(generator.random(PATIENTS) < 0.2, 1 - found, found)
    features = generator.standard_normal((PATIENTS, WIDTH)) + 0.2 * found[:, None]
    fold = generator.permutation(PATIENTS) % 5
    encoders = []
    for own in (slice(0, WIDTH // 2), slice(WIDTH // 2, WIDTH)):
        rounds = [
            one_round(features[:, own], found, readings, fold, tested, 1000 + tested)
            for tested in range(5)
        ]
        encoders.append(np.array(rounds))
    return encoders


def one_round(
    features: NDArray[np.float64],
    found: NDArray[np.int64],
    readings: NDArray[np.int64],
    fold: NDArray[np.int64],
    tested: int,
    seed: int,
) -> list[float]:
    pool, test = fold == (tested + 1) % 5, fold == tested
    learnt = ~pool & ~test
    direction = features[learnt & (readings == 1)].mean(0) - features[
        learnt & (readings == 0)
    ].mean(0)
    seen = np.c_[features @ direction / np.linalg.norm(direction), features[:, :5]]
    generator = np.random.default_rng([seed, int(found[pool].sum())])
    scores = []
    for _ in range(DRAWS):
        positive, negative = (
            generator.permutation(np.flatnonzero(pool & (found == value)))[:take]
            for value, take in ((1, 8), (0, LABELS - 8))
        )
        drawn = np.r_[positive, negative]
        centred = seen[drawn] - seen[drawn].mean(0)
        target = found[drawn] - found[drawn].mean()
        weights = np.linalg.solve(centred.T @ centred + 5 * np.eye(6), centred.T @ target)
        scores.append(seen[test] @ weights)
    values, _ = auc(torch.from_numpy(np.stack(scores, 1)), found[test] == 1)
    return [float(np.mean(values))]


def coverage(experiments: int) -> tuple[float, float]:
    """Shares of intervals that hold the mean over all experiments, and of p values below 0.05."""
    estimates, false = [], []
    for number in range(experiments):
        a, b = simulated(np.random.default_rng([77, number]))
        estimates.append(real_pairs.over_rounds(a)[0])
        false.append(real_pairs.over_rounds(a - b)[0].p < 0.05)
    truth = np.mean([each.mean for each in estimates])
    held = np.mean([each.low <= truth <= each.high for each in estimates])
    return float(held), float(np.mean(false))


def test_intervals_of_pooled_rounds_hold_the_truth() -> None:
    held, false = coverage(60)
    assert held >= 0.88
    assert false <= 0.12


@pytest.mark.soak
def test_intervals_of_pooled_rounds_hold_the_truth_over_many_experiments() -> None:
    held, false = coverage(1000)
    print(f"covered {held:.1%}, false {false:.1%}")
    assert held >= 0.93
    assert false <= 0.06
