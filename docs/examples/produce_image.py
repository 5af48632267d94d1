"""Puts an image on a pipeline's topic: produce_image.py BROKERS PIPELINE STREAM FILE"""

import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

from confluent_kafka import Producer

from ordo.v1.records_pb2 import ImageEvent


def image_record(pipeline, source, id, stream, captured_at_ms, image, attributes):
    event = ImageEvent(stream=stream, captured_at_ms=captured_at_ms, inline=image)
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


def main(brokers, pipeline, stream, file):
    # The partitioner is that of Kafka's own client and of Ordo, so that a stream stays in one partition.
    producer = Producer({"bootstrap.servers": brokers, "partitioner": "murmur2_random", "enable.idempotence": True})
    now_ms = time.time_ns() // 1_000_000
    image = Path(file).read_bytes()
    record = image_record(pipeline, "urn:example:python", str(uuid.uuid4()), stream, now_ms, image, {"path": file})
    failures = []
    producer.produce(**record, on_delivery=lambda error, _: error and failures.append(error))
    producer.flush()
    if failures:
        sys.exit(str(failures[0]))


if __name__ == "__main__":
    main(*sys.argv[1:])
