"""Writes image.golden.json: records as docs/examples/produce_image.py makes them.

Run by hand, with what docs/records.md installs:  python3 test/schemas/image.golden.py > test/schemas/image.golden.json
"""

import json

from examples import digest_of, importable

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
    {
        "source": "urn:test:gate",
        "id": "18",
        "stream": "gate",
        "captured_at_ms": 1_700_000_000_500,
        "image": "ffd8ff00ffd9",
        "uri": "s3://images/gate/18.jpg",
        "attributes": {"path": "18.jpg"},
    },
]


def plain(record):
    return {**record, "key": record["key"].hex(), "value": record["value"].hex()}


with importable():
    from produce_image import claim_check, image_record

    def record_of(image):
        described = {name: value for name, value in image.items() if name not in ("image", "uri")}
        content = bytes.fromhex(image["image"])
        if "uri" in image:
            content = claim_check(image["uri"], content)
        return plain(image_record("gate-1", content=content, **described))

    records = [record_of(image) for image in IMAGES]

sha256 = digest_of("produce_image.py")
print(json.dumps({"sha256": sha256, "images": IMAGES, "records": records}, indent=2, ensure_ascii=False))
