import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockDigest } from '../../src/lock/lock-digest.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { type BuildBed, startBuildBed } from '../build-bed.ts';
import { startDockerRegistry } from '../docker-registry.ts';
import { type ImagewrightOptions, runImagewright } from '../imagewright.ts';
import { makeWheel, wheelFilename } from '../package-index.ts';
import { runCommand } from '../run-command.ts';

/** Large enough that a build takes a while: random bytes cost time at every step. */
const recipes = ['alpha', 'beta', 'gamma', 'delta'].map((name) => ({
  name,
  files: { [`${name}/__init__.py`]: '', [`${name}/data.bin`]: randomBytes(12_000_000) },
}));

let bed: BuildBed;
let spec: string;
beforeAll(async () => {
  bed = await startBuildBed(recipes.map((recipe) => ({ filename: wheelFilename(recipe), bytes: makeWheel(recipe) })));
  spec = join(bed.directory, 'SPEC.yaml');
  const pip = recipes.map(({ name }) => name);
  await writeFile(spec, JSON.stringify({ name: 'demo', base: `${bed.registry}/base:1`, packages: { pip } }));
});
afterAll(() => bed[Symbol.asyncDispose]());

const build = (to: string, cache: string, options: ImagewrightOptions = {}, ...words: string[]) =>
  runImagewright(['build', spec, '--to', to, '--json', ...words], {
    ...options,
    env: { UV_INDEX_URL: bed.index.url, XDG_CACHE_HOME: join(bed.directory, cache), ...options.env },
  });

const lastLine = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1)!);
const tagged = (to: string) => {
  const { repository, tag } = parseReference(to);
  return bed.client.headManifest(repository, tag!);
};

describe('a build that is stopped', () => {
  it('by Ctrl-C ends with 130 at once, tags nothing, and goes well the next time', async () => {
    const to = `${bed.registry}/interrupted:t`;
    const stopped = await build(to, 'interrupted', {
      onStderr: (text, child) => text.includes('Lock') && child.kill('SIGINT'),
    });
    expect(stopped.exitCode).toBe(130);
    expect(stopped.stderr).toContain('Cancelled');
    expect(stopped.stderr).not.toMatch(/\n\s+at /);
    expect(await tagged(to)).toBeUndefined();
    const again = await build(to, 'interrupted');
    expect(again.exitCode).toBe(0);
    await bed.validate({ reference: parseReference(to), digest: lastLine(again.stdout).digest });
  });

  it('by kill -9 at any moment leaves no broken image under the tag and no broken cache', async () => {
    const clean = lastLine((await build(`${bed.registry}/clean:t`, 'clean')).stdout);
    const to = `${bed.registry}/killed:t`;
    for (let delayMs = 150; delayMs <= 1800; delayMs += 150) {
      const run = await build(to, 'killed', {
        onStart: (child) => void sleep(delayMs).then(() => child.kill('SIGKILL')),
      });
      const found = await tagged(to);
      if (found !== undefined) expect(found.digest).toBe(clean.digest);
      if (run.exitCode === 0) break;
    }
    const last = lastLine((await build(to, 'killed', {}, '--no-cache')).stdout);
    expect(last.digest).toBe(clean.digest);
    await bed.validate({ reference: parseReference(to), digest: last.digest });
  });
});

describe('a build whose world breaks', () => {
  it('says that the disk is full, tags nothing, and goes well once there is room', async () => {
    const cache = join(bed.directory, 'small');
    await mkdir(cache);
    await runCommand('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'imagewright-test', cache]);
    try {
      const to = `${bed.registry}/full:t`;
      const full = await build(to, 'small');
      expect(lastLine(full.stdout)).toMatchObject({ type: 'error', code: 'disk-full' });
      expect(full.exitCode).toBe(4);
      expect(await tagged(to)).toBeUndefined();
      await runCommand('mount', ['-o', 'remount,size=400m', cache]);
      expect((await build(to, 'small')).exitCode).toBe(0);
    } finally {
      await runCommand('umount', [cache]);
    }
  });

  it('says that the registry went away in the middle of a push', async () => {
    const registry = await startDockerRegistry();
    const failed = await build(`${registry.host}/team/`, 'gone', {
      onStderr: (text) => text.includes('Lock') && void registry[Symbol.asyncDispose](),
    });
    expect(failed.exitCode).toBe(5);
    expect(lastLine(failed.stdout)).toMatchObject({
      code: 'registry-unavailable',
      hint: expect.stringContaining('running?'),
    });
  });
});

describe('the command', () => {
  it('keeps the contract: JSON lines, a result, a lock that gives the same digest', async () => {
    const lockFile = join(bed.directory, 'image.lock.json');
    const first = await build(`${bed.registry}/contract/`, 'contract', {}, '--lock-out', lockFile);
    const result = lastLine(first.stdout);
    expect(result).toMatchObject({
      type: 'result',
      image: `${bed.registry}/contract/demo:${result.revision}@${result.digest}`,
      upToDate: false,
      layers: { base: 1, added: 4, pushed: 4, mounted: 1 },
      seconds: {
        base: expect.any(Number),
        lock: expect.any(Number),
        assemble: expect.any(Number),
        push: expect.any(Number),
      },
    });
    expect(result.bytesPushed).toBeGreaterThan(48_000_000);

    const fromLock = await build(`${bed.registry}/contract:from-lock`, 'elsewhere', {}, '--from-lock', lockFile);
    expect(lastLine(fromLock.stdout).digest).toBe(result.digest);

    const inspected = await runImagewright(['inspect', `${bed.registry}/contract/demo:${result.revision}`, '--json']);
    const { built, layers } = lastLine(inspected.stdout);
    expect(layers).toHaveLength(5);
    expect(built).toMatchObject({ revision: result.revision, lockDigest: lockDigest(built.lock) });
  });

  it('prints only the image on standard output otherwise', async () => {
    const { stdout, exitCode } = await runImagewright(['build', '-', '--to', `${bed.registry}/stdin/`], {
      input: JSON.stringify({ name: 'demo', base: `${bed.registry}/base:1`, packages: { pip: ['alpha'] } }),
      env: { UV_INDEX_URL: bed.index.url, XDG_CACHE_HOME: join(bed.directory, 'contract') },
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^127\.0\.0\.1:\d+\/stdin\/demo:[0-9a-f]{8}@sha256:[0-9a-f]{64}\n$/);
  });

  it.each([
    ['packages that cannot be resolved', { packages: { pip: ['no-such-package'] } }, 3],
    ['a spec that is wrong', { name: 'Not A Name' }, 2],
    ['a base that is not there', { base: 'nowhere:1' }, 5],
  ])('ends with its own code for %s', async (_what, change, exitCode) => {
    const good = { name: 'demo', base: `${bed.registry}/base:1`, packages: { pip: ['alpha'] } };
    const base = 'base' in change ? { base: `${bed.registry}/${change.base}` } : {};
    const run = await runImagewright(['build', '-', '--json', '--to', `${bed.registry}/x/`], {
      input: JSON.stringify({ ...good, ...change, ...base }),
      env: { UV_INDEX_URL: bed.index.url, XDG_CACHE_HOME: join(bed.directory, 'contract') },
    });
    expect(run.exitCode).toBe(exitCode);
    expect(lastLine(run.stdout)).toMatchObject({ type: 'error' });
    expect(run.stderr).toMatch(/^error: /m);
  });
});
