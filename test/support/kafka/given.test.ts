import assert from 'node:assert/strict';
import { givenBroker } from './given.ts';

describe('givenBroker', () => {
  it('is the one at the addresses that the environment names', async () => {
    const { kind, brokers } = await givenBroker({ KAFKA_BROKERS: 'one:9092, two:9093,' });
    assert.deepEqual([kind, brokers], ['given', ['one:9092', 'two:9093']]);
  });

  for (const environment of [{}, { KAFKA_BROKERS: '' }, { KAFKA_BROKERS: ' , ' }]) {
    it(`is none in ${JSON.stringify(environment)}`, async () => {
      await assert.rejects(givenBroker(environment), { message: /KAFKA_BROKERS is not set/ });
    });
  }
});
