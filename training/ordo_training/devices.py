"""Where training runs, in which precision, and how its time is counted."""

import time

import torch


def best_device() -> torch.device:
    """The first CUDA device, or the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies matrices in bfloat16 itself; processors that emulate it are ten times slower."""
    if device.type != "cpu":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def mixed_precision(device: torch.device) -> torch.autocast:
    """Matrix products in bfloat16 where the device has it, else everything in float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bfloat16(device))


def clock(device: torch.device) -> float:
    """Seconds of work: the process's own time on a processor, so that a pause or a busy machine costs no training."""
    return time.process_time() if device.type == "cpu" else time.monotonic()
