"""Writes image.golden.json: records as docs/examples/produce_image.py makes them.

Run by hand, with what docs/records.md installs:  python3 test/schemas/image.golden.py > test/schemas/image.golden.json
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "produce_image.py"
IMAGES = [
    {
        "source": "urn:test:gate",
        "id": "17",
        "stream": "gate",
        "captured_at_ms": 1_700_000_000_250,
        "image": "ffd8ff00",
        "attributes": {"truth": "2"},
    },
    {
        "source": "https://example.org/gates?n=2",
        "id": "ä/b c",
        "stream": "straße 1",
        "captured_at_ms": 0,
        "image": "",
        "attributes": {},
    },
]


def plain(record):
    return {**record, "key": record["key"].hex(), "value": record["value"].hex()}


with tempfile.TemporaryDirectory() as folder:
    if (
        protoc.main(["protoc", f"--proto_path={ROOT / 'schemas'}", f"--python_out={folder}", "ordo/v1/records.proto"])
        != 0
    ):
        sys.exit("records.proto does not compile")
    sys.path[:0] = [folder, str(EXAMPLE.parent)]
    sys.dont_write_bytecode = True
    from produce_image import image_record

    records = [plain(image_record("gate-1", **{**image, "image": bytes.fromhex(image["image"])})) for image in IMAGES]

sha256 = hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
print(json.dumps({"sha256": sha256, "images": IMAGES, "records": records}, indent=2, ensure_ascii=False))
