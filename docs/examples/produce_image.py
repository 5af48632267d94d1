"""Puts an image on a pipeline's topic: produce_image.py BROKERS PIPELINE STREAM FILE [URI]

With URI the record carries a claim check, for an image that is too large for a record: it says where the pipeline finds
the very bytes of FILE.
"""

import hashlib
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

from confluent_kafka import Producer

from ordo.v1.records_pb2 import BlobRef, ImageEvent


def claim_check(uri, image):
    return BlobRef(uri=uri, sha256=hashlib.sha256(image).digest(), size_bytes=len(image))


def image_record(pipeline, source, id, stream, captured_at_ms, content, attributes):
    """`content` is the bytes of the image's file, or a claim check."""
    event = ImageEvent(stream=stream, captured_at_ms=captured_at_ms)
    if isinstance(content, BlobRef):
        event.blob.CopyFrom(content)
    else:
        event.inline = content
    for name, value in attributes.items():
        event.attributes.add(name=name, value=value)
    captured_at = datetime.fromtimestamp(captured_at_ms / 1000, timezone.utc)
    return {
        "topic": f"{pipeline}.images",
        "key": stream.encode(),
        "headers": {
            "ce_specversion": "1.0",
            "ce_type": "ordo.image.v1",
            "ce_source": source,
            "ce_id": id,
            "ce_time": captured_at.isoformat(timespec="milliseconds"),
            "content-type": "application/protobuf",
        },
        "value": event.SerializeToString(),
    }


def main(brokers, pipeline, stream, file, uri=None):
    # The partitioner is that of Kafka's own client and of Ordo, so that a stream stays in one partition.
    producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random", "enable.idempotence": True})
    now_ms = time.time_ns() // 1_000_000
    image = Path(file).read_bytes()
    content = claim_check(uri, image) if uri else image
    record = image_record(pipeline, "urn:example:python", str(uuid.uuid4()), stream, now_ms, content, {"path": file})
    failures = []
    producer.produce(**record, on_delivery=lambda error, _: error and failures.append(error))
    producer.flush()
    if failures:
        sys.exit(str(failures[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
