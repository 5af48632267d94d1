import assert from 'node:assert/strict';
import { isPublicAddress } from '../../../src/adapters/blobs/addresses.ts';

const PUBLIC = [
  '8.8.8.8',
  '1.1.1.1',
  '172.15.0.1',
  '172.32.0.1',
  '2606:4700::1111',
  '2001:4860:4860::8888',
  '::ffff:8.8.8.8',
];

const NOT_PUBLIC: Record<string, string[]> = {
  loopback: ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '::ffff:10.0.0.1', 'fc00::1', 'fd12:3456::1'],
  'link-local': ['169.254.169.254', 'fe80::1', 'fe80::1%eth0', '::ffff:169.254.169.254'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  'carrier-grade': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  reserved: [
    '240.0.0.1',
    '255.255.255.255',
    '192.0.0.1',
    '198.18.0.1',
    '192.0.2.1',
    '2001:db8::1',
    '100::1',
    '5f00::1',
  ],
  'a wrapped IPv4 address': [
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001::1',
    '::7f00:1',
    '::ffff:0:7f00:1',
  ],
  'a former site-local': ['fec0::1'],
  'no address': ['', 'localhost', '8.8.8.8.8', '1.2.3.4/8'],
};

describe('isPublicAddress', () => {
  it('takes addresses of the public internet', () => {
    for (const address of PUBLIC) assert.equal(isPublicAddress(address), true, address);
  });
  for (const [kind, addresses] of Object.entries(NOT_PUBLIC)) {
    it(`refuses ${kind}`, () => {
      for (const address of addresses) assert.equal(isPublicAddress(address), false, address);
    });
  }
});
