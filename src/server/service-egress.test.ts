import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServiceBed, startServiceBed } from '../../test/start-service.ts';
import { createBaseImage } from '../api/base-images.ts';
import { preflightSpec } from '../api/images.ts';
import { testRegistry } from '../api/registry-settings.ts';
import { parseAllowedHosts } from '../http/egress-guard.ts';

/** A service for more than this machine, and a server beside it that must not be reached through it. */
let bed: ServiceBed;
let inside: Server;
let asked: string[];
let place: string;

beforeAll(async () => {
  asked = [];
  inside = createServer(({ method, url }, response) => {
    asked.push(`${method} ${url}`);
    response.writeHead(404).end();
  }).on('connection', () => asked.push('connection'));
  await new Promise<void>((resolve) => inside.listen(0, '0.0.0.0', resolve));
  place = `127.0.0.1:${(inside.address() as AddressInfo).port}`;
  bed = await startServiceBed([{ name: 'app' }], {
    listen: { host: '0.0.0.0', port: 0 },
    allowedHosts: parseAllowedHosts('127.7.0.0/16'),
  });
}, 60_000);
afterAll(async () => {
  await bed[Symbol.asyncDispose]();
  inside.close();
});

const preflight = (base: string, pip = 'app') =>
  bed.client.call(preflightSpec, { body: { spec: { base, packages: { apt: '', conda: '', pip } } } });

describe('a service for more than its own machine', () => {
  it('reaches no base inside the network', async () => {
    const port = place.split(':')[1];
    for (const host of [
      place,
      `localhost:${port}`,
      `0x7f.1:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      '169.254.169.254',
    ]) {
      await expect(preflight(`${host}/secret:1`), host).rejects.toMatchObject({
        code: expect.stringMatching(/forbidden|reference-invalid|spec-invalid/),
      });
    }
    expect(asked).toEqual([]);
  });

  it('reaches no wheel inside the network, though uv makes connections of its own', async () => {
    await bed.client.call(createBaseImage, { body: { reference: bed.base } });
    expect(await preflight(bed.base)).toMatchObject({ packages: [{ name: 'app' }] });
    await expect(preflight(bed.base, `app @ https://${place}/app-1.0-py3-none-any.whl`)).rejects.toMatchObject({
      problems: [{ field: 'spec.packages.pip', line: 1, message: expect.stringContaining('may not reach') }],
    });
    expect(asked).toEqual([]);
  });

  it('reaches what an administrator has registered, or tries out', async () => {
    await bed.client.call(testRegistry, {
      body: { settings: { endpoint: `http://${place}`, pushRepoPrefix: `${place}/team`, plainHttp: true } },
    });
    expect(asked).toContain('GET /v2/');
    asked.length = 0;
    await bed.client.call(createBaseImage, { body: { reference: `${place}/python:3` } });
    await expect(preflight(`${place}/python:3`)).rejects.toMatchObject({ code: 'base-not-found' });
    expect(asked).toContain('GET /v2/python/manifests/3');
  });

  it('reaches a network that its operator allows', async () => {
    asked.length = 0;
    await expect(preflight(`${place.replace('127.0.0.1', '127.7.0.1')}/python:3`)).rejects.toMatchObject({
      code: 'base-not-found',
    });
    expect(asked).toContain('GET /v2/python/manifests/3');
  });
});
