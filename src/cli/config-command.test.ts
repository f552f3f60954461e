import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWords } from './run-cli.fixture.ts';

let directory: string;
let file: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'imagewright-config-'));
  file = join(directory, 'settings.yaml');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function config(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Record<string, { readonly value?: string; readonly from: string }>> {
  const { exit, stdout, stderr } = await runWords(['config', '-o', 'json', ...words], { env });
  expect(exit, stderr).toBe(0);
  return JSON.parse(stdout);
}

describe('imagewright config', () => {
  it('takes a flag before a variable, a variable before the file, and the file before what is usual', async () => {
    await writeFile(file, 'listen: 127.0.0.1:1\nmax-builds: 7\nbuild-disk: 1GiB\nbehind-proxy: true\n');
    const env = { IMAGEWRIGHT_LISTEN: '127.0.0.1:2', IMAGEWRIGHT_MAX_BUILDS: '8' };
    const inForce = await config(['--config', file, '--listen', '127.0.0.1:3'], env);
    expect(inForce).toMatchObject({
      listen: { value: '127.0.0.1:3', from: '--listen' },
      'max-builds': { value: '8', from: '$IMAGEWRIGHT_MAX_BUILDS' },
      'build-disk': { value: '1GiB', from: file },
      'behind-proxy': { value: 'true', from: file },
      'keep-deleted': { value: '90d', from: 'default' },
      'public-url': { from: 'default' },
    });
    expect(await config([], { ...env, IMAGEWRIGHT_CONFIG: file })).toMatchObject({ 'build-disk': { from: file } });
  });

  it('takes lists as variables write them', async () => {
    await writeFile(file, 'allow-hosts: [minio.internal:9000, 10.1.0.0/16]\n');
    const inForce = await config(['--config', file]);
    expect(inForce['allow-hosts']).toEqual({ value: 'minio.internal:9000,10.1.0.0/16', from: file });
  });

  it('shows of secrets that they are set', async () => {
    await writeFile(file, 'database-url: postgres://user:hidden@db/x\nsecret-key: hidden\n');
    const env = { IMAGEWRIGHT_ADMIN_TOKEN: 'hidden' };
    for (const format of ['table', 'json', 'yaml']) {
      const { stdout } = await runWords(['config', '--config', file, '-o', format], { env });
      expect(stdout).toContain('(set)');
      expect(stdout).not.toContain('hidden');
    }
  });

  it.each([
    ['listen: nowhere', '"nowhere" is no address to listen on'],
    ['max-builds: many', '--max-builds wants a number'],
    ['behind-proxy: maybe', 'behind-proxy is true or false, not "maybe"'],
    ['oidc-issuer: https://id.example.com', 'not oidc-client-id'],
    ['colour: red', 'there is no setting "colour"'],
    ['listen: {host: a}', '"listen" wants a text'],
    ['- listen', 'no list of settings'],
    ['listen: [', 'it is not YAML'],
  ])('refuses a file with %j', async (text, message) => {
    await writeFile(file, text);
    const { exit, stderr } = await runWords(['config', '--config', file]);
    expect(stderr).toContain(message);
    expect(exit).toBe(2);
  });

  it('refuses a file that is not there', async () => {
    const { exit, stderr } = await runWords(['config', '--config', join(directory, 'missing.yaml')]);
    expect([exit, stderr]).toEqual([2, expect.stringContaining('there is no such file')]);
  });
});
