import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, request as requestOf, type Server } from 'node:http';
import https from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackageIndex, startPackageIndex } from '../../test/package-index.ts';
import { type ServiceBed, startServiceBed } from '../../test/start-service.ts';
import { createImage, preflightSpec } from '../api/images.ts';
import { getJobLog } from '../api/job-log.ts';
import { getJob } from '../api/jobs.ts';
import { createPackageSource, deletePackageSource } from '../api/package-sources.ts';

const testdata = (name: string) => readFileSync(join(import.meta.dirname, '../http/testdata', name), 'utf8');

let bed: ServiceBed;
let index: PackageIndex;
/** An index whose certificate no system trusts. */
let secure: Server;
/** A proxy that alone knows where `index.example` is. */
let proxy: Server;
let proxied: string[];

beforeAll(async () => {
  bed = await startServiceBed([{ name: 'app' }]);
  index = await startPackageIndex([{ name: 'hidden' }]);
  const toIndex: RequestListener = ({ url, method, headers }, response) => {
    requestOf(new URL(url!, index.url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    }).end();
  };
  secure = https.createServer({ key: testdata('signed-key.pem'), cert: testdata('signed.pem') }, toIndex);
  proxied = [];
  proxy = createServer().on('connect', ({ url, headers }, client) => {
    const password = Buffer.from(headers['proxy-authorization']?.split(' ')[1] ?? '', 'base64').toString();
    proxied.push(`${password} ${url}`);
    const upstream = connect(portOf(secure), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    for (const each of [client, upstream]) each.on('error', () => {});
  });
  for (const each of [secure, proxy]) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
}, 60_000);
afterAll(async () => {
  secure.close();
  proxy.close();
  await index.close();
  await bed[Symbol.asyncDispose]();
});

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const simple = () => new URL(index.url).pathname;
const specOf = (pip: string) => ({ base: bed.base, packages: { apt: '', conda: '', pip } });
const preflight = (pip: string) => bed.client.call(preflightSpec, { body: { spec: specOf(pip) } });

describe('the network as an administrator has it', () => {
  it('trusts a bundle of certificates', async () => {
    const url = `https://localhost:${portOf(secure)}${simple()}`;
    await bed.client.call(createPackageSource, { body: { kind: 'pip', name: 'secure', url } });
    await expect(preflight('hidden')).rejects.toMatchObject({ code: 'registry-unavailable' });
    const options = { certificates: testdata('authority.pem') };
    await bed.client.call(createPackageSource, { body: { kind: 'ca-bundle', name: 'ours', options } });
    expect(await preflight('hidden')).toMatchObject({ packages: [{ name: 'hidden' }] });
    await bed.client.call(deletePackageSource, { params: { name: 'secure' } });
  });

  it('asks a proxy for solving and for downloads, whose password no log tells', async () => {
    const pip = { kind: 'pip', name: 'far', url: `https://index.example${simple()}` } as const;
    await bed.client.call(createPackageSource, { body: pip });
    const url = `http://someone:s3cret-of-proxy@localhost:${portOf(proxy)}`;
    await bed.client.call(createPackageSource, { body: { kind: 'proxy', name: 'door', url } });
    const { job } = await bed.client.call(createImage, { body: { name: 'far', spec: specOf('hidden') } });
    const read = () => bed.client.call(getJob, { params: { id: job!.id } });
    await expect.poll(async () => (await read()).endedAt, { timeout: 15_000 }).not.toBeNull();
    expect(await read()).toMatchObject({ state: 'Succeeded', failure: null });
    expect(new Set(proxied)).toEqual(new Set(['someone:s3cret-of-proxy index.example:443']));
    // uv, and then our own download.
    expect(proxied.length).toBeGreaterThan(1);
    const { lines } = await bed.client.call(getJobLog, { params: { id: job!.id }, query: {} });
    expect(lines.join('\n')).not.toContain('s3cret');
  });
});
