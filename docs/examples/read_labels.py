"""Keeps the outcomes of a pipeline's images in a table: read_labels.py BROKERS PIPELINE GROUP DATABASE

It runs until it is interrupted, and goes on where it stopped. The table can be joined with one of your images on
image_source and image_id, which are the ce_source and ce_id that they were produced with.
"""

import logging
import sqlite3
import sys

from confluent_kafka import Consumer

from ordo.v1.records_pb2 import Label

TABLE = """
CREATE TABLE IF NOT EXISTS outcomes (
  topic TEXT NOT NULL, ce_source TEXT NOT NULL, ce_id TEXT NOT NULL,
  image_source TEXT NOT NULL, image_id TEXT NOT NULL, stream TEXT NOT NULL, captured_at_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  class_id INTEGER, class_name TEXT, posterior REAL, log_evidence REAL, profile TEXT,
  code TEXT, message TEXT,
  max_age_ms INTEGER,
  PRIMARY KEY (topic, ce_source, ce_id)
)
"""

# Only a label takes the place of a label: an image that is read again may have expired by then, or have lost its bytes.
KEEP = """
INSERT INTO outcomes ({columns}) VALUES ({values})
ON CONFLICT (topic, ce_source, ce_id) DO UPDATE SET ({columns}) = ({new})
WHERE excluded.outcome = 'classified' OR outcomes.outcome <> 'classified'
"""

DETAILS = ["class_id", "class_name", "posterior", "log_evidence", "profile", "code", "message", "max_age_ms"]


def outcome_row(topic, headers, value):
    """What a record says, as a row of the table; None for a record of another type, or with an outcome that this program
    does not know. `headers` is a dict of texts."""
    if headers.get("ce_type") != "ordo.label.v1":
        return None
    label = Label.FromString(value)
    image = label.image
    row = dict.fromkeys(DETAILS) | {
        "topic": topic,
        "ce_source": headers["ce_source"],
        "ce_id": headers["ce_id"],
        "image_source": image.source,
        "image_id": image.id,
        "stream": image.stream,
        "captured_at_ms": image.captured_at_ms,
        "outcome": label.WhichOneof("outcome"),
    }
    if row["outcome"] == "classified":
        found = label.classified
        row |= {"class_id": found.class_id, "class_name": found.class_name, "posterior": found.posterior}
        row |= {"log_evidence": found.log_evidence, "profile": label.profile}
    elif row["outcome"] == "failed":
        row |= {"code": label.failed.code, "message": label.failed.message}
    elif row["outcome"] == "expired":
        row |= {"max_age_ms": label.expired.max_age_ms}
    else:
        logging.warning("skipped, since records.proto here is older than the outcome: %s %s", image.source, image.id)
        return None
    return row


def keep(database, row):
    """Puts a row in, in place of an earlier one of the same event (a copy, or another outcome of the image) if it may."""
    columns = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    new = ", ".join(f"excluded.{name}" for name in row)
    database.execute(KEEP.format(columns=columns, values=values, new=new), row)


def main(brokers, pipeline, group, path):
    database = sqlite3.connect(path)
    database.execute(TABLE)
    settings = {"bootstrap.servers": brokers, "group.id": group, "auto.offset.reset": "earliest"}
    consumer = Consumer({**settings, "enable.auto.commit": False})
    consumer.subscribe([f"{pipeline}.labels"])
    try:
        while True:
            messages = consumer.consume(num_messages=500, timeout=1)
            for message in messages:
                if message.error():
                    sys.exit(str(message.error()))
                headers = {name: (text or b"").decode(errors="replace") for name, text in message.headers() or []}
                row = outcome_row(message.topic(), headers, message.value())
                if row:
                    keep(database, row)
            # First the table, then the offsets: what is read again after a failure replaces itself.
            database.commit()
            if messages:
                consumer.commit(asynchronous=False)
    except KeyboardInterrupt:
        pass
    finally:
        consumer.close()
        database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
