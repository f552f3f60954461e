import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand, installDebianPackages, run, SetupError, say } from './run.mjs';

/** Makes `.tools/uv/bin/uv` and `.tools/uv/bin/python` by the pinned requirements; quick when they stand already. */
export const installUv = (root) => {
  const requirements = join(root, 'scripts/uv-requirements.txt');
  const target = join(root, '.tools/uv');
  const stamp = join(target, 'made-from.txt');
  const wanted = readFileSync(requirements, 'utf8');
  const programs = ['bin/uv', 'bin/uv.json', 'bin/python'].map((program) => join(target, program));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted && programs.every(existsSync)) return;

  say('installing uv, which solves pip packages, into .tools/uv');
  mkdirSync(join(root, '.tools'), { recursive: true });
  if (!makePython(target) || !installInto(target, requirements)) {
    throw new SetupError(
      'uv could not be installed with pip; the messages stand above. Is the Python index within reach?',
    );
  }
  writeFacts(join(target, 'bin'));
  writeFileSync(stamp, wanted);
};

/** A virtual environment; without its own pip where the distribution leaves ensurepip out. */
const makePython = (target) => {
  if (!findCommand('python3')) installDebianPackages(['python3', 'python3-venv']);
  if (!findCommand('python3'))
    throw new SetupError('python3 is missing: install Python 3.8 or newer with its venv module.');
  const venv = (...options) => {
    rmSync(target, { recursive: true, force: true });
    return run('python3', ['-m', 'venv', ...options, target]);
  };
  return venv() || venv('--without-pip');
};

const installInto = (target, requirements) => {
  const options = ['--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--require-hashes', '--no-deps'];
  const install = (python, ...more) => run(python, ['-m', 'pip', 'install', ...options, ...more, '-r', requirements]);
  const python = join(target, 'bin/python');
  if (existsSync(join(target, 'bin/pip'))) return install(python);
  // --target and not --prefix: Debian's Python puts `local/` below a prefix.
  const library = join(target, 'lib/uv');
  if (!install('python3', '--target', library)) return false;
  symlinkSync('../lib/uv/bin/uv', join(target, 'bin/uv'));
  return true;
};

/** Asks uv once what each build wants to know of it; see src/ecosystems/pip/uv-facts.ts. */
const writeFacts = (directory) => {
  const uv = join(directory, 'uv');
  const ask = (...args) => execFileSync(uv, [...args, '--no-cache'], { encoding: 'utf8', env: {} });
  const [version] = /^uv \S+/.exec(ask('--version'));
  const flags = ['--no-config', '--offline', '--no-header', '--emit-index-url', '--quiet'];
  const compiled = ask('pip', 'compile', '/dev/null', ...flags, '--python', join(directory, 'python'));
  const [, index] = /^--index-url (\S+)$/m.exec(compiled);
  writeFileSync(join(directory, 'uv.json'), JSON.stringify({ sizeBytes: statSync(uv).size, version, index }));
};
