import { z } from 'zod';
import { duration, expected, openHttpUrl, path, section, size, text, wait, whole } from './fields.ts';
import { secretReference } from './secrets.ts';

/** Path segments with neither `.` nor `..` among them, as storages may take those for a way up. */
const KEY_PATH = '(?!\\.\\.?(?:/|$))[\\w.-]+(?:/(?!\\.\\.?(?:/|$))[\\w.-]+)*/?';
const BUCKET_NAME = '[a-zA-Z0-9][\\w.-]{2,254}';

function matching(pattern: string, what: string) {
  return z.string(expected(what)).regex(new RegExp(`^${pattern}$`), expected(what));
}

const s3 = section(
  {
    bucket: matching(BUCKET_NAME, 'the name of a bucket').describe('Where they are put.'),
    prefix: matching(KEY_PATH, 'a key prefix such as ordo/blobs')
      .describe('Folder of the bucket that they are put into. Default: its top.')
      .optional(),
    region: text('the name of a region')
      .describe('Default: that of the environment or of the AWS configuration; us-east-1 with an endpoint.')
      .optional(),
    endpoint: openHttpUrl().describe('URL of an S3-compatible storage. Default: that of AWS.').optional(),
    pathStyle: z
      .boolean(expected('true or false'))
      .describe('Whether URLs name the bucket in their path, not in their host. Default: true with an endpoint.')
      .optional(),
    accessKeyId: secretReference('Default for both: the environment, AWS configuration or instance role.').optional(),
    secretAccessKey: secretReference('Together with accessKeyId.').optional(),
    allowBuckets: z
      .array(matching(`${BUCKET_NAME}(?:/${KEY_PATH})?`, 'a bucket, or bucket/prefix'), expected('a list of buckets'))
      .describe('Others that s3: references may point into, whole (bucket) or in part (bucket/prefix).')
      .default([]),
  },
  'Puts them into S3 instead, where all processes reach them.',
).refine(
  ({ accessKeyId, secretAccessKey }) => (accessKeyId === undefined) === (secretAccessKey === undefined),
  expected('accessKeyId and secretAccessKey together'),
);

const claimCheck = section(
  {
    above: size().describe('Images above this size are put beside the log.').prefault('256KiB'),
    folder: path('Where they are put. Default: blobs in the folder of the log.').optional(),
    s3: s3.optional(),
    allowFolders: z
      .array(path('A folder.'), expected('a list of paths'))
      .describe('Other folders that file: references may point into.')
      .default([]),
    allowHosts: z
      .array(text('a host name'), expected('a list of host names'))
      .describe('Hosts that http: and https: references may name; * allows any public one.')
      .default([]),
    allowPrivate: z
      .boolean(expected('true or false'))
      .describe('Whether such hosts may have private or loopback addresses.')
      .default(false),
    timeout: wait(1).describe('Longest wait for such a host, for S3, or for a file.').prefault('10s'),
  },
  'Images too large to travel in a record, and references that producers send instead of bytes.',
);

/** The section `images` of a pipeline file. */
export const images = section(
  {
    maxBytes: size().describe('Largest image file.').prefault('20MiB'),
    maxPixels: whole(1).describe('Most pixels, width times height.').default(50_000_000),
    timeout: wait(1).describe('Longest time to decode an image.').prefault('10s'),
    decoders: z
      .union([z.literal('auto'), whole(1, 256)], expected('"auto" or a whole number from 1 to 256'))
      .describe('Processes that decode images and make their tokens; auto takes one for every two cores.')
      .default('auto'),
    maxAge: duration(1).optional().describe('An image older than this expires instead of being scored.'),
    claimCheck: claimCheck.prefault({}),
  },
  'What the tokenizer accepts.',
);
