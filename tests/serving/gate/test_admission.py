"""Films beyond what can be answered are told to come back."""

from contextlib import ExitStack

import pytest

from radtex.serving.gate.admission import Admission
from radtex.serving.gate.patience import WaitedTooLongError, seconds_left
from radtex.serving.problems import ProblemError


def test_as_many_as_can_be_answered_in_time_are_let_in() -> None:
    now = 0.0
    admission = Admission(100, 4.0, lambda: now)
    admission.expect(0.5)
    with ExitStack() as inside:
        for _ in range(8):
            inside.enter_context(admission.film())
        with pytest.raises(ProblemError) as caught, admission.film():
            pass
        assert caught.value.status == 429
        assert caught.value.headers == {"Retry-After": "3"}
        assert (admission.inside, admission.refused) == (8, 1)
    assert admission.inside == 0
    with admission.film():
        assert admission.inside == 1


def test_the_number_is_bounded_and_a_few_are_always_let_in() -> None:
    admission = Admission(6, 4.0, lambda: 0.0)
    admission.expect(1000.0)
    with ExitStack() as inside:
        for _ in range(4):
            inside.enter_context(admission.film())
        with pytest.raises(ProblemError), admission.film():
            pass
    fast = Admission(6, 4.0, lambda: 0.0)
    with ExitStack() as inside:
        for _ in range(6):
            inside.enter_context(fast.film())
        with pytest.raises(ProblemError), fast.film():
            pass


def test_what_takes_longer_under_load_is_noticed() -> None:
    now = 0.0
    admission = Admission(100, 4.0, lambda: now)
    for _ in range(200):
        with admission.film(), admission.film():
            now += 2.0
    assert admission.seconds_per_film == pytest.approx(2.0)


def test_idle_time_is_no_work() -> None:
    now = 0.0
    admission = Admission(100, 4.0, lambda: now)
    for _ in range(10):
        now += 100
        with admission.film(), admission.film():
            now += 0.1
    assert admission.seconds_per_film == pytest.approx(0.1)


def test_a_film_that_fails_is_counted_out() -> None:
    admission = Admission(5, 4.0, lambda: 0.0)
    with pytest.raises(ValueError, match="x"), admission.film():
        raise ValueError("x")
    assert admission.inside == 0


def test_uploads_count_at_first_and_slow_ones_no_more() -> None:
    now = 0.0
    admission = Admission(100, 4.0, lambda: now)
    admission.expect(0.5)
    with ExitStack() as uploads:
        for _ in range(8):
            uploads.enter_context(admission.upload())
        with pytest.raises(ProblemError) as caught, admission.upload():
            pass
        assert caught.value.headers == {"Retry-After": "3"}
        with admission.film():  # what has been received is answered
            assert admission.inside == 1
        now += 3.0
        for _ in range(8):
            uploads.enter_context(admission.upload())
    with admission.upload():
        assert admission.inside == 0


def test_beyond_a_few_films_wait_no_longer_than_it_should_take() -> None:
    admission = Admission(100, 4.0)
    with ExitStack() as inside:
        for _ in range(4):
            inside.enter_context(admission.film())
            assert seconds_left() is None
        with pytest.raises(WaitedTooLongError) as caught, admission.film():
            assert 0 < (seconds_left() or 0) <= 4
            raise WaitedTooLongError
        assert caught.value.status == 429
        assert (admission.inside, admission.refused) == (4, 1)
