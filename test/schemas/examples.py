"""What the programs here share that run an example of docs/examples."""

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"


@contextmanager
def importable() -> Iterator[None]:
    """Lets the examples be imported, and the records that they import."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["protoc", f"--proto_path={ROOT / 'schemas'}", f"--python_out={folder}", "ordo/v1/records.proto"]
        if protoc.main(command) != 0:
            sys.exit("records.proto does not compile")
        sys.path[:0] = [folder, str(EXAMPLES)]
        sys.dont_write_bytecode = True
        yield


def digest_of(name: str) -> str:
    """SHA-256 of an example, which shows whether it was changed since."""
    return hashlib.sha256((EXAMPLES / name).read_bytes()).hexdigest()
