import sys

import pytest
import torch

from ordo_training import workers


def test_there_are_no_more_workers_than_cores_or_than_the_batch_has_work_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert [workers.usual_workers(batch) for batch in (8, 64, 4096)] == [1, 4, 64]


def ends(rank: int, count: int) -> None:
    sys.exit(f"worker {rank} of {count} cannot go on")


def test_a_worker_that_ends_by_a_sentence_ends_the_program_without_a_traceback(capfd: pytest.CaptureFixture):
    with pytest.raises(SystemExit) as ended:
        workers.launch(1, ends)
    assert ended.value.code == 1 and "worker 0 of 1 cannot go on" in capfd.readouterr().err
