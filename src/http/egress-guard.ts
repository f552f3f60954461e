import { BlockList, isIP } from 'node:net';
import type { ConnectionTarget, IsAllowedAddress } from './address-policy.ts';
import { isPublicAddress } from './public-address.ts';

export interface EgressGuardOptions {
  /** True where one person's machine serves itself: what is on it and near it may be reached. */
  readonly isOnlyOurs: boolean;
  /** Hosts that the operator allows besides, see `parseAllowedHosts`. */
  readonly allowed?: AllowedHosts;
}

/** Judges where the process may connect to on behalf of people who may name any host. */
export interface EgressGuard {
  readonly isAllowedAddress: IsAllowedAddress;
  /** Replaces the hosts that administrators have configured: `registry.example.com`, `10.0.0.5:5000`. */
  trust(hosts: Iterable<string>): void;
}

/**
 * Lets connections lead to the public internet and to trusted hosts, nowhere else. Addresses where a cloud keeps its machines' credentials
 * are never reached, whoever trusts them.
 */
export function createEgressGuard({ isOnlyOurs, allowed = nobody }: EgressGuardOptions): EgressGuard {
  let trusted: AllowedHosts = nobody;
  return {
    isAllowedAddress(ip, target) {
      if (isWithin(neverReached, ip)) return false;
      return isOnlyOurs || isPublicAddress(ip) || isAmong(allowed, ip, target) || isAmong(trusted, ip, target);
    },
    trust(hosts) {
      trusted = parseAllowedHosts([...hosts].join(','));
    },
  };
}

/** Link-local addresses (RFC 3927, RFC 4291), where most clouds serve metadata, and the two that others use. Mapped IPv4 is seen through. */
const neverReached = new BlockList();
neverReached.addSubnet('169.254.0.0', 16, 'ipv4');
neverReached.addAddress('100.100.100.200', 'ipv4');
neverReached.addSubnet('fe80::', 10, 'ipv6');
neverReached.addAddress('fd00:ec2::254', 'ipv6');

export interface AllowedHosts {
  /** `host`, or `host:port`; `[::1]:5000`. */
  readonly hosts: ReadonlySet<string>;
  readonly networks: BlockList;
}

const nobody: AllowedHosts = { hosts: new Set(), networks: new BlockList() };

/**
 * Reads `registry.internal, minio.internal:9000, 10.1.0.0/16`: a host without a port is allowed at 80 and 443, a network at all ports.
 * Throws `RangeError` for a network that is none.
 */
export function parseAllowedHosts(text: string): AllowedHosts {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase());
  const hosts = new Set<string>();
  const networks = new BlockList();
  for (const entry of entries.filter((each) => each !== '')) {
    const network = /^([0-9a-f.:]+)\/(\d{1,3})$/.exec(entry);
    if (network === null) hosts.add(entry);
    else addNetwork(networks, network[1]!, Number(network[2]));
  }
  return { hosts, networks };
}

function addNetwork(networks: BlockList, address: string, prefix: number): void {
  const family = isIP(address);
  if (family === 0 || prefix > (family === 4 ? 32 : 128)) throw new RangeError(`${address}/${prefix} is no network`);
  networks.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
}

function isAmong({ hosts, networks }: AllowedHosts, ip: string, { host, port }: ConnectionTarget): boolean {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const isUsualPort = port === 80 || port === 443;
  if (hosts.has(`${name}:${port}`) || (isUsualPort && hosts.has(name))) return true;
  return isWithin(networks, ip);
}

/** A zone, as in `fe80::1%eth0`, says nothing about the address. */
function isWithin(list: BlockList, ip: string): boolean {
  const address = ip.replace(/%.*$/, '');
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
