import { describe, expect, it } from 'vitest';
import { explainBuildFailure } from './build-failure.ts';

const explained = (output: string, hasApt = true) => {
  const { code, message, hint } = explainBuildFailure({
    title: 'thing 1.0',
    lines: output.split('\n'),
    exitCode: 1,
    hasApt,
    isShown: true,
  });
  expect(code).toBe('build-failed');
  return `${message.replace('thing 1.0 cannot be built: ', '')} → ${hint}`;
};

const debianCompiler = 'Add the apt packages build-essential and python3-dev.';

describe('explainBuildFailure', () => {
  it.each([
    [
      'Error: pg_config executable not found.\n\npg_config is required to build psycopg2',
      'it needs pg_config → Add the apt packages libpq-dev and build-essential.',
    ],
    [
      '/bin/sh: 1: pkg-config: not found\nException: Can not find valid pkg-config name.',
      'it needs mysql_config → Add the apt packages default-libmysqlclient-dev and pkg-config and build-essential.',
    ],
    ["error: command 'gcc' failed: No such file or directory", `it needs the compiler gcc → ${debianCompiler}`],
    [
      "error: command 'x86_64-linux-gnu-gcc' failed: No such file or directory",
      `it needs the compiler x86_64-linux-gnu-gcc → ${debianCompiler}`,
    ],
    ["unable to execute 'g++': No such file or directory", `it needs the compiler g++ → ${debianCompiler}`],
    ["FileNotFoundError: [Errno 2] No such file or directory: 'cc'", `it needs a compiler → ${debianCompiler}`],
    ["../meson.build:1:0: ERROR: Unknown compiler(s): [['cc'], ['gcc']]", `it needs a compiler → ${debianCompiler}`],
    [
      'psycopg/psycopg.h:31:10: fatal error: Python.h: No such file or directory',
      'it needs the header Python.h → Add the apt packages python3-dev and build-essential.',
    ],
    [
      'src/x.c:3:10: fatal error: libpq-fe.h: No such file or directory',
      'it needs the header libpq-fe.h → Add the apt package libpq-dev.',
    ],
    [
      'x.c:1:10: fatal error: rare/thing.h: No such file or directory',
      'it needs the header rare/thing.h → Add the apt package that brings rare/thing.h; its name mostly ends in "-dev".',
    ],
    [
      "error: can't find Rust compiler",
      'it needs the Rust compiler (cargo) → Add the apt packages cargo and build-essential.',
    ],
    ['/bin/sh: 1: cmake: not found', 'it needs cmake → Add the apt packages cmake and build-essential.'],
    ["FileNotFoundError: [Errno 2] No such file or directory: 'git'", 'it needs git → Add the apt package git.'],
    ['/usr/bin/ld: cannot find -lsnappy: No such file or directory', expect.stringContaining('the library snappy')],
    [
      "ModuleNotFoundError: No module named 'numpy'",
      expect.stringMatching(/the Python module numpy, which it does not declare → .*build-system/),
    ],
    ["ModuleNotFoundError: No module named 'pkg_resources'", expect.stringContaining('too old for this Python')],
    [
      'urllib.error.URLError: <urlopen error [Errno -3] Temporary failure in name resolution>',
      expect.stringContaining('the network, which builds do not get'),
    ],
    [
      'Traceback (most recent call last):\n  File "setup.py", line 1\nRuntimeError: no\nsubprocess exited with status 1\nError: exit status 1',
      'RuntimeError: no → The log tells what its build wrote. Try another version, or tell its makers.',
    ],
    ['', expect.stringContaining('exit code 1')],
  ])('reads %j', (output, expected) => {
    expect(explained(output)).toEqual(expected);
  });

  it('does not speak of apt where there is none', () => {
    expect(explained("error: command 'gcc' failed: No such file or directory", false)).toContain('Choose a base image');
  });
});
