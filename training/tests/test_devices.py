import pytest
import torch

from ordo_training import devices
from ordo_training.workers import usual_workers


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with a GPU of compute capability 6.1, and a PyTorch that is built for others."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_arch_list", lambda: ["sm_75", "sm_86", "sm_90a", "sm_100"])
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Old Card")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (6, 1))
    return monkeypatch


def test_a_gpu_that_this_build_has_no_code_for_is_left_alone_with_a_sentence(card: pytest.MonkeyPatch):
    device = devices.best_device()
    assert device.type == "cpu"
    why, where = devices.described(device).splitlines()
    assert why.startswith("Old Card has compute capability 6.1, and this PyTorch is built for sm_75 sm_86")
    assert where.startswith("training on the processor")
    card.setattr("ordo_training.workers.os.sched_getaffinity", lambda _: set(range(4)), raising=False)
    assert usual_workers(64) == 4


@pytest.mark.parametrize(("capability", "kind"), [
    ((7, 5), "cuda"), ((8, 0), "cpu"), ((8, 6), "cuda"), ((8, 9), "cuda"), ((9, 0), "cuda"), ((9, 1), "cpu"),
    ((10, 3), "cuda"), ((12, 0), "cpu"),
])
def test_code_runs_on_later_gpus_of_its_major_only(capability: tuple[int, int], kind: str, card: pytest.MonkeyPatch):
    card.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert devices.best_device().type == kind


def test_code_that_is_translated_runs_on_every_later_gpu(card: pytest.MonkeyPatch):
    card.setattr(torch.cuda, "get_arch_list", lambda: ["compute_60"])
    assert devices.best_device().type == "cuda"


def test_a_training_says_where_it_runs_and_in_which_precision(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    for has, said in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(devices, "has_bfloat16", lambda device, has=has: has)
        assert devices.described(torch.device("cpu")) == f"training on the processor, matrix products in {said}"
