"""Where training runs, in which precision, and how its time is counted."""

import re
import time

import torch


def _runs(code: str, capability: tuple[int, int]) -> bool:
    """Whether a CUDA device runs code of a kind: `sm_86` on 8.6 and later of that major, `compute_86` on all later.

    Code of one device alone, such as `sm_90a`, counts for that one.
    """
    found = re.fullmatch(r"(sm|compute)_(\d+)(\d)([a-z]?)", code)
    if not found:
        return False
    made = int(found[2]), int(found[3])
    if found[4]:
        return made == capability
    return made <= capability and (found[1] == "compute" or made[0] == capability[0])


def unusable() -> str | None:
    """Why the first CUDA device cannot be trained on, where there is one: a sentence."""
    if not torch.cuda.is_available():
        return None
    capability, built_for = torch.cuda.get_device_capability(0), torch.cuda.get_arch_list()
    if torch.version.hip or any(_runs(code, capability) for code in built_for):
        return None
    name, (major, minor) = torch.cuda.get_device_name(0), capability
    return (f"{name} has compute capability {major}.{minor}, and this PyTorch is built for {' '.join(built_for)}: "
            "training stays on the processor")


def best_device() -> torch.device:
    """The first CUDA device where this PyTorch can use it, or the processor."""
    return torch.device("cuda" if torch.cuda.is_available() and not unusable() else "cpu")


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device multiplies matrices in bfloat16 itself; processors that emulate it are ten times slower."""
    if device.type != "cpu":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    found = torch.cpu.get_capabilities()
    return bool(found.get("avx512_bf16") or found.get("amx_bf16"))


def described(device: torch.device) -> str:
    """One line on where a training runs and in which precision, after why it does not run on a GPU that is there."""
    name = "the processor" if device.type == "cpu" else torch.cuda.get_device_name(device)
    why = f"{reason}\n" if (reason := unusable()) else ""
    return f"{why}training on {name}, matrix products in {'bfloat16' if has_bfloat16(device) else 'float32'}"


def mixed_precision(device: torch.device) -> torch.autocast:
    """Matrix products in bfloat16 where the device has it, else everything in float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_bfloat16(device))


def clock(device: torch.device) -> float:
    """Seconds of work: the process's own time on a processor, so that a pause or a busy machine costs no training."""
    return time.process_time() if device.type == "cpu" else time.monotonic()


def free_memory() -> None:
    """Gives memory of a GPU that nothing uses any more back, for the processes that come."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
