import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseReference } from '../../oci/reference.ts';
import { credentialsFromText, loadCredentials } from './credentials.ts';

const repository = (text: string) => parseReference(text).repository;
const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });
const password = (username: string, secret: string) => ({ kind: 'password', username, password: secret });

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'credentials-'));
  return {
    path,
    async write(name: string, content: unknown) {
      const file = join(path, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true }),
  };
}

describe('what stands in a file', () => {
  const from = (auths: unknown) => credentialsFromText(JSON.stringify({ auths }), 'test');

  it.each([
    ['registry.example.com', 'registry.example.com/a'],
    ['https://registry.example.com', 'registry.example.com/a'],
    ['https://registry.example.com/v1/', 'registry.example.com/a'],
    ['registry.example.com/v2', 'registry.example.com/a'],
    ['REGISTRY.example.com:5000', 'registry.example.com:5000/a/b'],
    ['https://index.docker.io/v1/', 'python'],
    ['docker.io', 'python'],
    ['registry-1.docker.io', 'me/image'],
  ])('%j is for %s', async (key, image) => {
    expect(await from({ [key]: auth('me:pw') }).lookup(repository(image))).toEqual(password('me', 'pw'));
  });

  it.each([
    ['registry.example.com', 'registry.example.com:5000/a'],
    ['registry.example.com', 'other.registry.example.com/a'],
    ['registry.example.com/team', 'registry.example.com/teams/a'],
    ['registry.example.com/team/a', 'registry.example.com/team'],
    ['example.com', 'example.com.evil.example.net/a'],
  ])('%j is not for %s', async (key, image) => {
    expect(await from({ [key]: auth('me:pw') }).lookup(repository(image))).toBeUndefined();
  });

  it('chooses the longest key', async () => {
    const credentials = from({
      'registry.example.com': auth('host:pw'),
      'registry.example.com/team': auth('team:pw'),
      'registry.example.com/team/image': auth('image:pw'),
    });
    const user = async (image: string) => (await credentials.lookup(repository(image))) as { username: string };
    expect((await user('registry.example.com/other/image')).username).toBe('host');
    expect((await user('registry.example.com/team/x/y')).username).toBe('team');
    expect((await user('registry.example.com/team/image')).username).toBe('image');
  });

  it.each([
    [{ username: 'me', password: 'p:w' }, password('me', 'p:w')],
    [auth('me:p:w'), password('me', 'p:w')],
    [auth('me:pw\0\0'), password('me', 'pw')],
    [
      { ...auth('me:pw'), identitytoken: 'tok' },
      { kind: 'identity-token', token: 'tok' },
    ],
    [{}, undefined],
    [auth('no-colon'), undefined],
    [{ auth: 5 }, undefined],
    // What is no base64 says nothing, though some of its signs could be read as such.
    [{ auth: `${auth('me:secret').auth}%` }, undefined],
    ['text', undefined],
  ])('reads %j', async (entry, expected) => {
    expect(await from({ 'registry.example.com': entry }).lookup(repository('registry.example.com/a'))).toEqual(
      expected,
    );
  });

  it('quotes nothing of a broken file', async () => {
    const read = async () => credentialsFromText('{"auths": {"x": {"auth": "c2VjcmV0"', 'the pull secret');
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'command-invalid' });
    expect(inspect(error)).not.toContain('c2V');
  });

  it('runs no helper that a stranger’s file names', async () => {
    const text = JSON.stringify({ credsStore: 'x', credHelpers: { 'registry.example.com': 'x' } });
    expect(await credentialsFromText(text, 'test').lookup(repository('registry.example.com/a'))).toBeUndefined();
  });
});

describe('where files are', () => {
  const file = (user: string) => ({ auths: { 'registry.example.com': auth(`${user}:pw`) } });
  const image = repository('registry.example.com/a');

  it('takes docker’s file, then podman’s', async () => {
    await using folder = await temporaryFolder();
    await folder.write('home/.docker/config.json', { auths: { 'docker.io': auth('home:pw') } });
    await folder.write('run/containers/auth.json', file('runtime'));
    await folder.write('docker/config.json', file('docker'));
    const env = { HOME: join(folder.path, 'home'), XDG_RUNTIME_DIR: join(folder.path, 'run') };
    expect(await loadCredentials({ env }).lookup(image)).toEqual(password('runtime', 'pw'));
    expect(await loadCredentials({ env }).lookup(repository('python'))).toEqual(password('home', 'pw'));
    const withDocker = { ...env, DOCKER_CONFIG: join(folder.path, 'docker') };
    expect(await loadCredentials({ env: withDocker }).lookup(image)).toEqual(password('docker', 'pw'));
  });

  it('takes nothing else when a file is named', async () => {
    await using folder = await temporaryFolder();
    await folder.write('config.json', file('docker'));
    const authFile = await folder.write('flag.json', { auths: {} });
    const REGISTRY_AUTH_FILE = await folder.write('env.json', file('env'));
    const env = { DOCKER_CONFIG: folder.path, REGISTRY_AUTH_FILE };
    expect(await loadCredentials({ env }).lookup(image)).toEqual(password('env', 'pw'));
    expect(await loadCredentials({ authFile, env }).lookup(image)).toBeUndefined();
  });

  it('is content without any file, but not without one that was named', async () => {
    await using folder = await temporaryFolder();
    const env = { HOME: folder.path };
    expect(await loadCredentials({ env }).lookup(image)).toBeUndefined();
    const missing = loadCredentials({ authFile: join(folder.path, 'none.json'), env });
    await expect(missing.lookup(image)).rejects.toMatchObject({ code: 'command-invalid' });
  });
});

describe('credential helpers', () => {
  /** A real helper: writes down what it is asked and answers with the given shell lines. */
  async function helper(script: string, config: unknown) {
    const folder = await temporaryFolder();
    const path = await folder.write(
      'docker-credential-test',
      `#!/bin/sh\necho "$1 $(cat)" >> "${folder.path}/asked"\n${script}\n`,
    );
    await chmod(path, 0o755);
    await folder.write('config.json', config);
    const env = { DOCKER_CONFIG: folder.path, PATH: `${folder.path}:${process.env.PATH}` };
    return {
      credentials: loadCredentials({ env }),
      asked: () => readFile(join(folder.path, 'asked'), 'utf8').catch(() => ''),
      [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
    };
  }
  const store = { credsStore: 'test' };
  const image = repository('registry.example.com:5000/team/a');

  it('asks by host, once, and only when needed', async () => {
    await using test = await helper(`echo '{"ServerURL":"x","Username":"me","Secret":"pw"}'`, store);
    expect(await test.asked()).toBe('');
    expect(await test.credentials.lookup(image)).toEqual(password('me', 'pw'));
    expect(await test.credentials.lookup(image)).toEqual(password('me', 'pw'));
    expect(await test.credentials.lookup(repository('python'))).toEqual(password('me', 'pw'));
    expect(await test.asked()).toBe('get registry.example.com:5000\nget https://index.docker.io/v1/\n');
  });

  it('takes the helper of the host alone', async () => {
    const config = { credHelpers: { 'registry.example.com:5000': 'test' } };
    await using test = await helper(`echo '{"Username":"<token>","Secret":"tok"}'`, config);
    expect(await test.credentials.lookup(image)).toEqual({ kind: 'identity-token', token: 'tok' });
    expect(await test.credentials.lookup(repository('other.example.com/a'))).toBeUndefined();
  });

  it('goes without when the helper has none', async () => {
    await using test = await helper('echo "credentials not found in native keychain"; exit 1', store);
    expect(await test.credentials.lookup(image)).toBeUndefined();
  });

  it.each([
    ['echo broken-secret; exit 3', 'unauthorized'],
    ['echo broken-secret', 'unauthorized'],
    [`echo '{"Secret":"broken-secret"}'`, 'unauthorized'],
  ])('tells a helper that fails, without what it said: %s', async (script, code) => {
    await using test = await helper(script, store);
    const error = await test.credentials.lookup(image).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(inspect(error)).not.toContain('broken-secret');
  });

  it.each([
    ['none-such', 'tool-missing'],
    ['../test', 'command-invalid'],
    ['test; echo', 'command-invalid'],
  ])('does not run %j', async (name, code) => {
    await using test = await helper('exit 0', { credsStore: name });
    await expect(test.credentials.lookup(image)).rejects.toMatchObject({ code });
    expect(await test.asked()).toBe('');
  });
});
