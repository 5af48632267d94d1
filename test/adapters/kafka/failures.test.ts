import assert from 'node:assert/strict';
import { toOrdoError } from '../../../src/adapters/kafka/failures.ts';

describe('toOrdoError', () => {
  it('takes a codec that the client does not have for final, and says what helps', () => {
    const missing = Object.assign(new Error('Snappy compression not implemented'), { name: 'KafkaJSNotImplemented' });
    const { code, retriable, message } = toOrdoError(missing);
    assert.deepEqual([code, retriable], ['LOG_REFUSED', false]);
    assert.match(message, /Snappy compression not implemented; set compression\.type/);
  });
});
