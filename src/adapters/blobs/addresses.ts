import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { OrdoError } from '../../errors.ts';
import { quoted } from '../../text.ts';

/** All that IANA has opened to the public internet in IPv6. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address is one of the public internet: not loopback, private, link-local, unique-local, shared,
 * multicast, reserved (IANA special-purpose registries), nor one that wraps an IPv4 address (NAT64, 6to4, Teredo).
 * An IPv4-mapped address counts as the IPv4 address that it is.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST);
}

/**
 * Name resolution for sockets that refuses a host as a whole when one of its addresses is not public. It runs as part
 * of connecting, so the address that was judged is the one that is dialled, whatever the name resolves to later.
 * `mayBePrivate` exempts hosts. Error, handed to the socket: BLOB_FORBIDDEN.
 */
export function guardedLookup(mayBePrivate: (host: string) => boolean): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      const refusal = error ?? refuse(host, addresses, mayBePrivate);
      const [first] = addresses ?? [];
      if (refusal || !first) callback(refusal, []);
      else if (options.all) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function refuse(host: string, addresses: readonly LookupAddress[], mayBePrivate: (host: string) => boolean) {
  if (mayBePrivate(host) || addresses.every(({ address }) => isPublicAddress(address))) return null;
  return notPublic(host);
}

export function notPublic(host: string): OrdoError {
  return new OrdoError('BLOB_FORBIDDEN', `${quoted(host)} has an address that is not public`);
}
