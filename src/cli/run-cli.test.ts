import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

async function run(...words: string[]) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const signal = new AbortController().signal;
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

  it.each([
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
