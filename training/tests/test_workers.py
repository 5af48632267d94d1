import torch

from ordo_training import workers


def test_there_are_no_more_workers_than_cores_or_than_the_batch_has_work_for(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    assert [workers.usual_workers(batch) for batch in (8, 64, 4096)] == [1, 4, 64]
