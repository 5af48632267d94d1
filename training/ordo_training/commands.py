"""The command line that makes a result, as the result file keeps it."""

import re
import shlex
import sys
from pathlib import Path


def command() -> str:
    """The command line of this process, with folders left out of absolute paths."""
    program = Path(sys.argv[0])
    module = program.parent.name if program.stem == "__main__" else f"{program.parent.name}.{program.stem}"
    return shlex.join(["python", "-m", module, *(re.sub(r"(^|=)/.*/", r"\1", word) for word in sys.argv[1:])])
