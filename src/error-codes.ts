/** What a running pipeline does about an error: only what may pass without anything being changed by hand is tried again. */
type Follows =
  | 'tried again'
  | 'dead letter'
  | 'ends the process'
  | 'dead letter, or ends the process'
  | 'ends the command';

interface Entry {
  follows: Follows;
  summary: string;
  /** What to look at or to change, in a sentence to whoever is on call. */
  remedy: string;
}

/**
 * Every error that Ordo raises on purpose carries one of these codes. The list is closed, and a code keeps its
 * meaning for good: dead letters, exit codes and alerts rest on it.
 */
export const ERRORS = {
  USAGE: { follows: 'ends the command', summary: 'the command line is wrong', remedy: 'See --help of the command.' },
  INTERNAL: {
    follows: 'dead letter, or ends the process',
    summary: 'a defect in Ordo itself',
    remedy: 'Report it with the stack from stderr; replay the dead letters with a version in which it is mended.',
  },
  STOPPED: {
    follows: 'tried again',
    summary: 'the work was cut off by a shutdown',
    remedy: 'Nothing: what was not committed is read again by the next process.',
  },

  PIPELINE_NOT_FOUND: {
    follows: 'ends the process',
    summary: 'the pipeline file is not there or cannot be read',
    remedy: 'Check the path, and that the account of the process may read the file.',
  },
  PIPELINE_INVALID: {
    follows: 'ends the process',
    summary: 'the pipeline file does not say what it must',
    remedy:
      'Correct what the message names: a field (schemas/pipeline.schema.json has them all), a secret that it points to, KAFKA_BROKERS or OTEL_EXPORTER_OTLP_ENDPOINT.',
  },

  MODEL_NOT_FOUND: {
    follows: 'ends the process',
    summary: 'the model folder or a file of it is not there',
    remedy:
      'Check the path of the model in the pipeline file, and that the folder is whole; int8 and proposers need graphs that not every model has.',
  },
  MODEL_INVALID: {
    follows: 'ends the process',
    summary: 'the model manifest or a graph is malformed',
    remedy: 'Look at the file that the message names, and export the model again by docs/model-format.md.',
  },
  MODEL_DIGEST_MISMATCH: {
    follows: 'ends the process',
    summary: 'a model file differs from its digest',
    remedy: 'Copy the model folder again, whole: ordo model verify says which file is damaged, or of another model.',
  },
  MODEL_MISMATCH: {
    follows: 'tried again',
    summary: 'the record was made for a model that is not loaded here',
    remedy:
      "Run the pipeline with the record's model until ordo lag shows no lag, or skip its work, unlabelled, by ordo reset --to latest of score and aggregate; a model trained anew needs a new version.",
  },

  RECORD_INVALID: {
    follows: 'dead letter',
    summary: 'the record is not what the topic holds',
    remedy:
      'Compare what the producer sends with docs/records.md, have the image sent again, and drop the dead letter.',
  },
  RECORD_TOO_LARGE: {
    follows: 'dead letter',
    summary: 'the record exceeds the size the log takes',
    remedy:
      'Lower images.claimCheck.above, so that images lie beside the log, or on Kafka raise log.maxRecord and run ordo topics apply.',
  },
  RECORD_POISON: {
    follows: 'dead letter',
    summary: 'processes died three times while handling the record alone',
    remedy:
      'Find in the logs of the processes that died what they died of (memory, most often), then replay the dead letter, or drop it.',
  },

  IMAGE_EMPTY: {
    follows: 'dead letter',
    summary: 'the image has no bytes',
    remedy: 'Find out why the producer sends nothing, and drop the dead letter.',
  },
  IMAGE_TOO_LARGE: {
    follows: 'dead letter',
    summary: 'the image has more bytes than the pipeline allows',
    remedy: 'Raise images.maxBytes and replay the dead letter, or have smaller files sent.',
  },
  IMAGE_TOO_MANY_PIXELS: {
    follows: 'dead letter',
    summary: 'the image has more pixels than the pipeline allows',
    remedy: 'Raise images.maxPixels and replay the dead letter, or have smaller images sent.',
  },
  IMAGE_UNSUPPORTED: {
    follows: 'dead letter',
    summary: 'the bytes are not of a supported image format',
    remedy: 'Have JPEG, PNG, WebP, AVIF, GIF or TIFF sent, and drop the dead letter.',
  },
  IMAGE_CORRUPT: {
    follows: 'dead letter',
    summary: 'the image is truncated or damaged',
    remedy: 'Look at the camera and the way from it if there are more, and drop the dead letter.',
  },
  IMAGE_TIMEOUT: {
    follows: 'dead letter',
    summary: 'decoding took longer than the pipeline allows',
    remedy: 'Raise images.timeout, or lower images.decoders where processors are short, and replay the dead letter.',
  },
  IMAGE_CRASHED_DECODER: {
    follows: 'dead letter',
    summary: 'the decoder process died on the image three times',
    remedy:
      'Give each decoder 512 MiB and 24 bytes for each of images.maxPixels; if the image takes more, raise images.maxPixels, which raises that bound, and replay the dead letter, or drop it.',
  },
  DECODER_UNAVAILABLE: {
    follows: 'tried again',
    summary: 'no decoder process can be started',
    remedy:
      'Look whether memory or processes are short where the tokenize stage runs, and whether its model folder is still whole.',
  },

  BLOB_NOT_FOUND: {
    follows: 'dead letter',
    summary: 'the claim check points to nothing',
    remedy:
      'See whether all machines share the folder or bucket of images.claimCheck, and what deletes there; put the image back and replay, or drop the dead letter.',
  },
  BLOB_DIGEST_MISMATCH: {
    follows: 'dead letter',
    summary: 'the bytes behind the claim check differ from its digest',
    remedy:
      'Have the producer write each image under a name of its own and never over another; send it again, and drop the dead letter.',
  },
  BLOB_TOO_LARGE: {
    follows: 'dead letter',
    summary: 'the bytes behind the claim check exceed the limit',
    remedy: 'Raise images.maxBytes and replay the dead letter, or have smaller files sent.',
  },
  BLOB_FORBIDDEN: {
    follows: 'dead letter',
    summary: 'the claim check points where the pipeline does not allow',
    remedy:
      'Allow the place in images.claimCheck (allowFolders, allowBuckets, allowHosts, allowPrivate), or the account to read there, and replay the dead letter.',
  },
  BLOB_UNSUPPORTED: {
    follows: 'dead letter',
    summary: 'the claim check has a scheme that nothing here reads',
    remedy:
      'Have file:, http:, https: or, where images.claimCheck.s3 is set, s3: references sent, and drop the dead letter.',
  },
  BLOB_UNAVAILABLE: {
    follows: 'tried again',
    summary: 'the storage behind the claim check does not answer',
    remedy: 'Look whether the storage answers where the tokenize stage runs, and replay the dead letters once it does.',
  },

  LOG_UNAVAILABLE: {
    follows: 'tried again',
    summary: 'the log does not answer or cannot be opened',
    remedy:
      'Look whether the brokers answer at log.brokers, or whether log.folder is there and can be written: work then goes on by itself; a process that ended at its start has to be started again.',
  },
  LOG_FULL: {
    follows: 'tried again',
    summary: 'the disk of the log is full',
    remedy:
      'Make room where log.folder is: work then goes on by itself. Lower topics.retention and start again if that is what filled it.',
  },
  LOG_CORRUPT: {
    follows: 'ends the process',
    summary: 'the log file is damaged, or gone from under the process',
    remedy:
      'Stop all processes, look at the disk, and go on with a copy of log.folder or with a new one, into which images are sent again.',
  },
  LOG_FENCED: {
    follows: 'tried again',
    summary: 'the partition belongs to another consumer by now',
    remedy:
      'Nothing, if it passes; if it recurs, the machine is too busy for log.sessionTimeout. ordo reset wants the stage stopped.',
  },
  LOG_TOPIC_UNKNOWN: {
    follows: 'ends the process',
    summary: 'the topic does not exist',
    remedy:
      'Check name, model and log in the pipeline file; on Kafka run ordo topics apply, on the embedded log ordo up.',
  },
  LOG_TOPIC_CONFLICT: {
    follows: 'ends the process',
    summary: 'the topic exists with other settings',
    remedy:
      'Set topics.partitions to what the log has; or grow by ordo topics apply --grow, or on the embedded log take a new log.folder.',
  },
  LOG_OFFSET_INVALID: {
    follows: 'ends the process',
    summary: 'the offset lies outside the log',
    remedy:
      'Take an offset that the message allows; if a topic was made anew, move its stage with ordo reset --to earliest.',
  },
  LOG_FORBIDDEN: {
    follows: 'ends the process',
    summary: 'the log refuses the credentials, or what they ask for',
    remedy:
      'Check log.sasl, log.tls and what the account may do; docs/operations.md#permissions-on-kafka says what it needs.',
  },
  LOG_REFUSED: {
    follows: 'ends the process',
    summary: 'the log does not allow what is asked, whoever asks',
    remedy: 'Change what the message names: log.replication, a setting of the topic, or a policy of the cluster.',
  },
  LOG_CLOSED: {
    follows: 'ends the process',
    summary: 'the log was closed',
    remedy: 'Start the process again; if it was not being stopped, report it with what it logged before.',
  },

  PROVIDER_UNAVAILABLE: {
    follows: 'ends the process',
    summary: 'the execution provider cannot be used on this machine',
    remedy: 'Install what scoring.provider needs (docs/operations.md#faster-scoring), or set it to cpu.',
  },
  SCORER_FAILED: {
    follows: 'tried again',
    summary: 'the scorer could not compute a tile',
    remedy:
      'See what the message ends with: lower scoring.tileRows or scoring.workers where memory is short, or set scoring.provider to cpu.',
  },
  SCORER_PARITY: {
    follows: 'ends the process',
    summary: 'the execution provider gives other numbers than the CPU',
    remedy: 'Set scoring.provider to cpu, or try another driver or device; do not use this one.',
  },
  SCORER_NOT_FINITE: {
    follows: 'dead letter',
    summary: 'the model gave a log-likelihood that is not a finite number',
    remedy:
      'Set scoring.precision to fp32 and scoring.provider to cpu, and replay the dead letter; if it comes again, export the model again.',
  },

  LABELS_INVALID: {
    follows: 'ends the command',
    summary: 'the CSV of labels does not say what it must',
    remedy: 'Correct the lines that the message names; --help of the command says which columns there are.',
  },
  EVIDENCE_INVALID: {
    follows: 'ends the command',
    summary: 'the file of recorded evidence cannot be used',
    remedy:
      'Record it again with this model by ordo record; where no plan is found, with more orders, or allow a larger --loss.',
  },
  PROFILE_INVALID: {
    follows: 'ends the command',
    summary: 'the profile of a machine cannot be used',
    remedy: 'Measure the machine again with ordo bench, with the tiles that the pipeline has.',
  },
  INPUT_NOT_FOUND: {
    follows: 'ends the command',
    summary: 'the path is not there or cannot be read',
    remedy: 'Check the path or id that the message names, and that it may be read.',
  },
  OUTPUT_UNWRITABLE: {
    follows: 'ends the command',
    summary: 'the file cannot be written',
    remedy: 'Check that the folder is there, may be written and has room.',
  },
  PORT_IN_USE: {
    follows: 'ends the process',
    summary: 'another program listens on the port',
    remedy: 'Take another port with --port (0: any free one) or health.port, or stop the program that has it.',
  },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof ERRORS;
