import type { ErrorCode } from '../../errors.ts';
import type { TokenizedImage } from '../../ports/tokenizer.ts';
import type { DecodeLimits } from './decode.ts';
import type { GraphFile } from './graph-file.ts';
import type { Manifest } from './manifest.ts';

/** What a decoder process is started with, as JSON in its first argument. */
export interface DecoderSetup extends Pick<Manifest, 'image' | 'tokens'> {
  encoder: GraphFile;
  /** The proposer graph, and of how many classes it must speak. */
  proposer?: GraphFile & { classes: number };
  limits: DecodeLimits;
  /** The process ends itself when it holds more memory than this while it works on an image. */
  memoryBytes: number;
}

/** An image that was refused, or a process that could not start. */
export interface DecoderFailure {
  kind: 'failure';
  code: ErrorCode;
  message: string;
}

/** What a decoder process says: once that it is ready or why not, then one answer for each image it is sent. */
export type DecoderReply = ({ kind: 'ready' } | { kind: 'tokens'; image: TokenizedImage } | DecoderFailure) & {
  /** Resident memory of the process. */
  memoryBytes: number;
};

export function isDecoderReply(message: unknown): message is DecoderReply {
  return typeof message === 'object' && message !== null && 'kind' in message && 'memoryBytes' in message;
}
