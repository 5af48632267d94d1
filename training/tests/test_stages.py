import numpy as np
import pytest

from baselines.stages import parse_plan, plan_text, play, thin


def counting(errors: np.ndarray, asked: set):
    """Reads errors [samples, classes] and keeps what was asked for."""
    def read(samples: np.ndarray, classes: np.ndarray) -> np.ndarray:
        asked.update((int(s), int(c)) for s in samples for c in classes)
        return errors[np.ix_(samples, classes)]
    return read


def test_samples_are_the_middles_of_equal_parts():
    assert thin(108, 4).tolist() == [13, 40, 67, 94]
    assert thin(500, 50).tolist() == list(range(5, 500, 10))
    assert thin(7, 7).tolist() == list(range(7))


def test_the_published_plan_for_ten_classes_takes_the_published_evaluations():
    errors = np.random.default_rng(0).random((500, 10))
    asked = set()
    outcome = play(parse_plan("50:5,500:1"), 500, 10, counting(errors, asked))
    assert outcome.evaluations == len(asked) == 50 * 10 + 450 * 5 == 2750


def test_samples_that_an_earlier_stage_had_are_not_evaluated_again():
    outcome = play(parse_plan("4:3,12:2,36:1"), 36, 5, counting(np.ones((36, 5)), set()))
    assert outcome.evaluations == 4 * 5 + 8 * 3 + 24 * 2


def test_a_class_that_a_stage_drops_cannot_come_back():
    errors = np.ones((9, 3))
    errors[thin(9, 3), 0] = 5  # bad where the first stage looks, perfect elsewhere
    errors[np.setdiff1d(np.arange(9), thin(9, 3)), 0] = -100
    errors[:, 1] = 0.5
    assert play(parse_plan("9:1"), 9, 3, counting(errors, set())).label == 0
    assert play(parse_plan("3:2,9:1"), 9, 3, counting(errors, set())).label == 1


def test_a_short_plan_spreads_its_samples_over_the_whole_grid():
    asked = set()
    play(parse_plan("3:1"), 27, 2, counting(np.ones((27, 2)), asked))
    assert {sample for sample, _ in asked} == {4, 13, 22}


@pytest.mark.parametrize("text", ["4:1,2:1", "4:3,12:2", "4:2,12:3,36:1", "4:1,4:1"])
def test_a_plan_that_does_not_narrow_down_to_one_class_is_refused(text: str):
    with pytest.raises(ValueError):
        parse_plan(text)


def test_a_plan_reads_back():
    assert plan_text(parse_plan("12:5,108:1")) == "12:5,108:1"
