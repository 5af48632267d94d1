"""Writes label.golden.json: what docs/examples/read_labels.py keeps of records.

Run by hand, with what docs/records.md installs:  python3 test/schemas/label.golden.py > test/schemas/label.golden.json
"""

import json
import sqlite3

from examples import digest_of, importable


# Field 7 of a label, which is none of those that there are.
UNKNOWN_OUTCOME = bytes([7 << 3 | 2, 0])


def record(source, id, outcome, type="ordo.label.v1", topic="gate.labels", more=b""):
    image = {"source": source, "id": id, "stream": "gate", "captured_at_ms": 1_700_000_000_250, "digest": bytes(32)}
    label = Label(image=image, **outcome)
    label.image.attributes.add(name="truth", value="2")
    headers = {"ce_specversion": "1.0", "ce_type": type, "ce_source": source, "ce_id": f"{id}/label"}
    return {"topic": topic, "headers": headers, "value": label.SerializeToString() + more}


def classified(class_id, posterior):
    found = {"class_id": class_id, "class_name": f"class {class_id}", "posterior": posterior, "log_evidence": -201.5}
    return {"model": bytes(range(32)), "profile": "0123456789abcdef", "classified": found}


with importable():
    from ordo.v1.records_pb2 import Label
    from read_labels import TABLE, keep, outcome_row

    failed = {"failed": {"code": "IMAGE_CORRUPT", "message": "the image is truncated", "stage": "tokenize"}}
    expired = {"expired": {"max_age_ms": 60_000}}
    records = [
        record("urn:test:gate", "17", classified(3, 0.75)),
        record("https://example.org/gates?n=2", "ä/b c", failed),
        record("urn:test:gate", "18", expired),
        # A copy, and second outcomes: each takes the place of the first.
        record("urn:test:gate", "17", classified(3, 0.75)),
        record("urn:test:gate", "18", classified(4, 1.0)),
        record("urn:test:gate", "20", expired),
        record("urn:test:gate", "20", failed),
        # Outcomes that come after a label, and leave it.
        record("urn:test:gate", "17", expired),
        record("urn:test:gate", "18", failed),
        # Another label of an image that has one.
        record("urn:test:gate", "18", classified(5, 0.5)),
        # What another pipeline says of the same image.
        record("urn:test:gate", "17", failed, topic="gate-2.labels"),
        record("urn:test:gate", "19", failed, type="ordo.other.v1"),
        record("urn:test:gate", "21", {}, more=UNKNOWN_OUTCOME),
    ]
    database = sqlite3.connect(":memory:")
    database.row_factory = sqlite3.Row
    database.execute(TABLE)
    for one in records:
        row = outcome_row(one["topic"], one["headers"], one["value"])
        if row:
            keep(database, row)
    rows = [dict(row) for row in database.execute("SELECT * FROM outcomes ORDER BY topic, ce_source, ce_id")]

sha256 = digest_of("read_labels.py")
plain = [{**one, "value": one["value"].hex()} for one in records]
print(json.dumps({"sha256": sha256, "records": plain, "rows": rows}, indent=2, ensure_ascii=False))
