import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const run = (...words: string[]) => runUntil(new AbortController().signal, ...words);

async function runUntil(signal: AbortSignal, ...words: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const exit = await runCli(words, { version: '1.2.3', env: {}, stdin: new PassThrough(), stdout, stderr, signal });
  stdout.end();
  stderr.end();
  return { exit, stdout: await text(stdout), stderr: await text(stderr) };
}

describe('runCli', () => {
  it('tells its version', async () => {
    expect(await run('--version')).toEqual({ exit: 0, stdout: 'imagewright 1.2.3\n', stderr: '' });
  });

  it('teaches all commands without being asked for one', async () => {
    const { exit, stdout } = await run();
    expect(exit).toBe(0);
    for (const name of ['build', 'lock', 'inspect', 'up', 'registry import']) expect(stdout).toContain(`\n  ${name} `);
  });

  it.each(['build', 'lock', 'inspect', 'up'])('%s --help shows usage, options and an example', async (name) => {
    const { exit, stdout } = await run(name, '--help');
    expect(exit).toBe(0);
    expect(stdout).toMatch(new RegExp(`Usage: imagewright ${name}[^]*Options:[^]*--help[^]*Examples:`));
  });

  it('finds commands of two words', async () => {
    expect((await run('registry', 'import', '--help')).stdout).toContain(
      'Usage: imagewright registry import SOURCE REF',
    );
  });

  it.each([['images'], ['images', '--help'], ['help', 'images']])(
    'teaches the commands of a family: %s',
    async (...words) => {
      const { exit, stdout } = await run(...words);
      expect(exit).toBe(0);
      expect(stdout).toContain('imagewright images create SPEC.yaml|NAME [options]\n');
      expect(stdout).not.toContain('imagewright jobs');
    },
  );

  it('says after Ctrl-C what holds then', async () => {
    const interrupted = AbortSignal.abort();
    const spec = join(import.meta.dirname, 'testdata', 'nowhere.yaml');
    const build = await runUntil(interrupted, 'build', spec);
    expect(build).toMatchObject({ exit: 130, stderr: 'error: Cancelled. Nothing was tagged.\n' });
    expect((await runUntil(interrupted, 'lock', spec)).stderr).toBe('error: Cancelled\n');
  });

  it('prints an error as JSON where -o json was asked for', async () => {
    for (const words of [['-o', 'json'], ['-ojson'], ['--output', 'json'], ['--output=json']]) {
      const { stdout } = await run('preflight', '/nowhere/spec.yaml', ...words);
      expect(JSON.parse(stdout)).toMatchObject({ type: 'error', code: 'command-invalid' });
    }
  });

  it.each([
    [['images', 'lsit'], 'There are images list, '],
    [['images', 'list', '-o', 'xml'], 'table, json or yaml'],
    [['images', 'list', '--kind', 'odd'], '--kind'],
    [['images', 'list', '--limit', '0'], 'whole number from 1'],
    [['images', 'list', '--server', 'https://a/b'], 'more than scheme, host and port'],
    [['images', 'edit', 'a'], 'Nothing is said'],
    [['images', 'edit', 'a', '--global', '--private'], 'exclude each other'],
    [['jobs', 'list', '--state', 'Done'], 'The states are Pending'],
    [['jobs', 'logs', 'a', '--tail', '10001'], 'from 1 to 10000'],
    [['buidl'], 'Did you mean "build"?'],
    [['build'], 'takes SPEC.yaml, but 0 operands were given'],
    [['build', 'a', 'b'], '2 operands'],
    [['build', 'a', '--nonsense'], '--nonsense'],
    [['build', '/nowhere/spec.yaml'], 'there is no such file'],
    [['build', '/'], 'it is a directory'],
  ])('refuses %j with exit code 2 and says why', async (words, why) => {
    const { exit, stderr, stdout } = await run(...words);
    expect(stderr).toContain(why);
    expect(stderr).not.toContain('    at ');
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
  });

  it('prints the error as the last JSON line where JSON was asked for', async () => {
    const { exit, stdout } = await run('build', '/nowhere/spec.yaml', '--json');
    expect(exit).toBe(2);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ type: 'error', code: 'command-invalid' });
  });
});
