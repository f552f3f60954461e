import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeBase } from '../bases/make-base.ts';
import { copyWithSkopeo, type EngineName, engines } from '../container-engines.ts';
import { runImagewright } from '../imagewright.ts';
import { type ServedImagewright, servedToken, serveImagewright } from '../serve-imagewright.ts';

/*
 * What people pull with, against the embedded registry as a team has it, with tokens: an image of ours, its layers zstd and gzip.
 */

const compressions = ['zstd', 'gzip'] as const;
/** Debian 12's docker is 20.10, which does not know zstd: 23 is the first that does. */
const readBy = (name: EngineName) => (name === 'docker' ? (['gzip'] as const) : compressions);
const credentials = `somebody:${servedToken}`;
const images: Record<string, string> = {};
let directory: string;
let served: ServedImagewright;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imagewright-engines-'));
  served = await serveImagewright(join(directory, 'data'), { IMAGEWRIGHT_REGISTRY_ACCESS: 'tokens' });
  const { host } = new URL(served.url);
  const authFile = join(directory, 'auth.json');
  const auth = Buffer.from(credentials).toString('base64');
  await writeFile(authFile, JSON.stringify({ auths: { [host]: { auth } } }));
  await imagewright(
    'registry',
    'import',
    await makeBase('debian12'),
    `${host}/base/debian12:1`,
    '--auth-file',
    authFile,
  );
  const spec = join(directory, 'spec.yaml');
  await writeFile(
    spec,
    JSON.stringify({ name: 'pulled', base: `${host}/base/debian12:1`, packages: { pip: ['six'] } }),
  );
  for (const compression of compressions) {
    const target = ['--to', `${host}/pulled:${compression}`, '--compression', compression];
    const cache = ['--data', join(directory, 'cache'), '--auth-file', authFile];
    await imagewright('build', spec, ...target, ...cache);
    images[compression] = `${host}/pulled:${compression}`;
  }
});

afterAll(async () => {
  await served?.[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

describe.each(Object.keys(engines) as EngineName[])('%s', (name) => {
  test('pulls what was built, and runs it', async () => {
    await using engine = await engines[name]();
    for (const compression of readBy(name)) {
      const image = images[compression]!;
      await engine.pull(image, credentials);
      const printed = await engine.run(image, ['python3', '-c', 'import six; print(six.__file__)']);
      expect(printed).toBe('/usr/local/lib/python3.11/dist-packages/six.py');
      console.log(`${engine.version} pulled and ran ${compression} layers`);
    }
  });

  test('is given nothing without a token', async () => {
    await using engine = await engines[name]();
    await expect(engine.pull(images.zstd!, 'somebody:else')).rejects.toThrow(/unauthorized|401|authentication/i);
  });
});

test.each(compressions)('skopeo copies an image of %s layers as it is', async (compression) => {
  const layout = join(directory, `layout-${compression}`);
  await copyWithSkopeo(images[compression]!, layout, credentials);
  const { manifests } = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
  const url = `${served.url}/v2/pulled/manifests/${compression}`;
  const headers = { authorization: `Bearer ${servedToken}`, accept: '*/*' };
  const answer = await fetch(url, { method: 'HEAD', headers });
  expect(manifests[0].digest).toBe(answer.headers.get('docker-content-digest'));
});

async function imagewright(...words: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runImagewright(words);
  expect(exitCode, stderr).toBe(0);
}
