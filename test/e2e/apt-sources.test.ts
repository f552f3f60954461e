import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createImage, getImage, rebuildImage } from '../../src/api/images.ts';
import { getJob } from '../../src/api/jobs.ts';
import { createPackageSource, editPackageSource } from '../../src/api/package-sources.ts';
import { setRegistry } from '../../src/api/registry-settings.ts';
import { followJobLog } from '../../src/cli/follow-job-log.ts';
import { makeBase } from '../bases/make-base.ts';
import { type Buildah, openBuildah } from '../buildah.ts';
import { type DebRepository, startDebRepository } from '../deb-repository.ts';
import { type DockerRegistry, startDockerRegistry } from '../docker-registry.ts';
import { type ServedImagewright, serveImagewright } from '../serve-imagewright.ts';

const credentials = 'me:word-of-the-source';
const distribution = 'http://deb.example.invalid/debian';
let directory: string;
let registry: DockerRegistry;
let buildah: Buildah;
let mirror: DebRepository;
let thirdParty: DebRepository;
let service: ServedImagewright;
let base: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imagewright-apt-sources-'));
  registry = await startDockerRegistry();
  buildah = await openBuildah();
  mirror = await startDebRepository([{ name: 'plain-tool' }]);
  thirdParty = await startDebRepository([{ name: 'theirs', depends: 'plain-tool' }], { isSigned: true, credentials });
  await using container = await buildah.fromLayout(await makeBase('debian12'));
  await container.shell(
    `rm -f /etc/apt/sources.list.d/*; echo 'deb [trusted=yes] ${distribution} ./' > /etc/apt/sources.list`,
  );
  base = `${registry.host}/base/sources:latest`;
  await buildah.push(await buildah.commit(container), `docker://${base}`);
  service = await serveImagewright(join(directory, 'data'));
  await service.client.call(setRegistry, { body: { pushRepoPrefix: `${registry.host}/built`, plainHttp: true } });
});
afterAll(async () => {
  for (const each of [service, thirdParty, mirror, buildah, registry]) await each?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe('apt sources of an administrator', () => {
  it('are asked beside those of the base, and in their place, and are not left in the image', async () => {
    const { client } = service;
    const url = `http://${credentials}@127.0.0.1:${thirdParty.port}/`;
    const options = { suite: './', signedBy: thirdParty.key };
    await client.call(createPackageSource, { body: { kind: 'apt', name: 'third-party', url, options } });
    const mirrored = {
      url: `http://127.0.0.1:${mirror.port}/`,
      options: { mirrorOf: 'http://deb.example.invalid/debian' },
    };
    await client.call(createPackageSource, { body: { kind: 'apt', name: 'mirror', ...mirrored } });
    const { job } = await client.call(createImage, {
      body: { name: 'notebook', spec: { base, packages: { apt: 'theirs\n', conda: '', pip: '' } } },
    });
    const { log, state } = await ended(job!.id);
    expect(state, log).toBe('Succeeded');
    expect(log).not.toContain('word-of-the-source');

    const { url: image } = await client.call(getImage, { params: { name: 'notebook' } });
    await using container = await buildah.from(image!);
    expect(await container.shell('dpkg --status theirs plain-tool | grep -c "ok installed"')).toBe('2');
    expect(await readFile(join(container.root, 'etc/apt/sources.list'), 'utf8')).toContain(distribution);
    expect(await readdir(join(container.root, 'etc/apt/sources.list.d'))).toEqual([]);
    expect(
      await container.shell('find / -xdev -name "*imagewright*"; grep -rl word-of-the-source /etc /var || true'),
    ).toBe('');
  });

  it('are not taken when another key has signed them', async () => {
    await using other = await startDebRepository([], { isSigned: true });
    const { client } = service;
    const params = { name: 'third-party' };
    const options = { suite: './', signedBy: other.key };
    await client.call(editPackageSource, { params, body: { options } });
    const job = await client.call(rebuildImage, { params: { name: 'notebook' }, body: {} });
    const { state, message } = await ended(job.id);
    expect(state).toBe('Failed');
    expect(message).toMatch(/lists of the apt sources cannot be had.*(?:NO_PUBKEY|not signed|signature)/s);
  });
});

async function ended(id: string) {
  const untilEnd = { from: 0, signal: new AbortController().signal, onDrop() {} };
  let log = '';
  for await (const event of followJobLog(service.client, id, untilEnd)) log += `${JSON.stringify(event)}\n`;
  const { state, failure } = await service.client.call(getJob, { params: { id } });
  return { log, state, message: failure?.message ?? '' };
}
