import { BlockList, isIP } from 'node:net';

/** Addresses that do not lead to the public internet, IANA special-purpose registries (RFC 6890 and its updates). */
const special4 = blockList('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

/** Global unicast; all else (loopback, mapped IPv4, NAT64, unique-local, link-local, multicast) lies outside of it. */
const global6 = blockList('ipv6', ['2000::/3']);
const special6 = blockList('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']);

/**
 * True for an address of the public internet: not loopback, private, link-local (cloud metadata), shared, documentation or
 * multicast, and no IPv6 form that carries an IPv4 address inside. False for what is not an address.
 */
export function isPublicAddress(ip: string): boolean {
  const family = isIP(ip);
  if (family === 4) return !special4.check(ip, 'ipv4');
  return family === 6 && !ip.includes('%') && global6.check(ip, 'ipv6') && !special6.check(ip, 'ipv6');
}

function blockList(family: 'ipv4' | 'ipv6', subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network, prefix] = subnet.split('/');
    list.addSubnet(network!, Number(prefix), family);
  }
  return list;
}
