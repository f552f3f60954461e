import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { createEgressGuard, parseAllowedHosts } from './egress-guard.ts';
import { startGuardedProxy } from './guarded-proxy.ts';

const at = (host: string, port = 443) => ({ host, port });
const metadata = [
  '169.254.169.254',
  'fe80::1',
  'fe80::1%eth0',
  '::ffff:169.254.169.254',
  'fd00:ec2::254',
  '100.100.100.200',
];

describe('createEgressGuard', () => {
  it('lets people reach the public internet alone', () => {
    const { isAllowedAddress } = createEgressGuard({ isOnlyOurs: false });
    expect(isAllowedAddress('8.8.8.8', at('dns.example.com'))).toBe(true);
    for (const ip of ['127.0.0.1', '10.0.0.5', '192.168.1.1', '::1', 'fd12::1', '::ffff:10.0.0.5', ...metadata]) {
      expect(isAllowedAddress(ip, at('inside.example.com')), ip).toBe(false);
    }
  });

  it('lets one person reach what is on and near the machine', () => {
    const { isAllowedAddress } = createEgressGuard({ isOnlyOurs: true });
    for (const ip of ['127.0.0.1', '10.0.0.5', '::1', '8.8.8.8']) expect(isAllowedAddress(ip, at(ip))).toBe(true);
  });

  it.each([true, false])(
    'never lets anybody reach the metadata of a cloud, with the machine only ours: %s',
    (isOnlyOurs) => {
      const guard = createEgressGuard({ isOnlyOurs, allowed: parseAllowedHosts('metadata.internal,169.254.0.0/16') });
      guard.trust(['metadata.internal']);
      for (const ip of metadata) expect(guard.isAllowedAddress(ip, at('metadata.internal')), ip).toBe(false);
    },
  );

  it('trusts hosts at their port, networks at all, until they are trusted no longer', () => {
    const allowed = parseAllowedHosts('MinIO.internal:9000, 10.1.0.0/16, fd12::/16');
    const { isAllowedAddress, trust } = createEgressGuard({ isOnlyOurs: false, allowed });
    trust(['registry.internal', '10.0.0.5:5000', '[::1]:5000']);
    const reached = (ip: string, host: string, port?: number) => isAllowedAddress(ip, at(host, port));
    expect(reached('10.0.0.9', 'minio.internal', 9000)).toBe(true);
    expect(reached('10.0.0.9', 'minio.internal')).toBe(false);
    expect(reached('10.0.0.9', 'registry.internal')).toBe(true);
    expect(reached('10.0.0.9', 'registry.internal', 9200)).toBe(false);
    expect(reached('10.0.0.5', '10.0.0.5', 5000)).toBe(true);
    expect(reached('10.0.0.5', '10.0.0.5', 22)).toBe(false);
    expect(reached('::1', '::1', 5000)).toBe(true);
    expect(reached('10.1.2.3', 'any.internal', 22)).toBe(true);
    expect(reached('fd12::7', 'any.internal', 22)).toBe(true);
    trust([]);
    expect(reached('10.0.0.5', '10.0.0.5', 5000)).toBe(false);
  });

  it('takes no network that is none', () => {
    for (const network of ['10.0.0.0/33', '::/129', '10.0.0/8'])
      expect(() => parseAllowedHosts(network)).toThrow(RangeError);
  });
});

describe('startGuardedProxy', () => {
  const serve = async (): Promise<Server & AsyncDisposable & { readonly port: number }> => {
    const server = createServer((request, response) => response.end(`${request.method} ${request.headers.host}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return Object.assign(server, { port });
  };

  it('passes on what is allowed and refuses the rest, plain or through a tunnel', async () => {
    await using server = await serve();
    const guard = createEgressGuard({ isOnlyOurs: false });
    await using proxy = await startGuardedProxy(guard.isAllowedAddress);
    const ask = async (path: string, method: string) => {
      const { hostname, port } = new URL(proxy.url);
      const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
      const asked = request({
        hostname,
        port,
        path,
        method,
        headers: { host: `localhost:${server.port}` },
        agent: false,
      });
      asked.on('response', async (answer) => {
        resolve({ status: answer.statusCode!, body: await text(answer) });
      });
      asked.on('connect', (answer, socket) => {
        socket.destroy();
        resolve({ status: answer.statusCode!, body: '' });
      });
      asked.on('error', reject).end();
      return promise;
    };
    const places = [`localhost:${server.port}`, `127.0.0.1:${server.port}`];
    for (const place of places) {
      expect(await ask(`http://${place}/`, 'GET')).toMatchObject({ status: 403 });
      expect(await ask(place, 'CONNECT')).toMatchObject({ status: 403 });
    }
    guard.trust(places);
    for (const place of places) {
      expect(await ask(`http://${place}/`, 'GET')).toEqual({ status: 200, body: `GET localhost:${server.port}` });
      expect(await ask(place, 'CONNECT')).toMatchObject({ status: 200 });
    }
    expect(await ask('ftp://localhost/', 'GET')).toMatchObject({ status: 400 });
    guard.trust(['127.0.0.1:1']);
    expect(await ask('127.0.0.1:1', 'CONNECT')).toMatchObject({ status: 502 });
  });
});
