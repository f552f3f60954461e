import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError, say } from '../run.mjs';

const version = '4.32.5';

/** Makes `.tools/schemathesis-<version>/bin/schemathesis`, which asks an API everything that its description allows and much that it does not. */
export const installSchemathesis = (root) => {
  const target = join(root, `.tools/schemathesis-${version}`);
  if (existsSync(join(target, 'bin/schemathesis'))) return;
  say('installing schemathesis, which tests the API, into .tools');
  const uv = join(root, '.tools/uv/bin/uv');
  const python = join(root, '.tools/uv/bin/python');
  const options = ['--quiet', '--only-binary', ':all:'];
  const made =
    run(uv, ['venv', '--quiet', '--clear', '--python', python, target]) &&
    run(uv, ['pip', 'install', ...options, '--python', join(target, 'bin/python'), `schemathesis==${version}`]);
  if (!made) throw new SetupError('schemathesis could not be installed; the messages stand above.');
};
