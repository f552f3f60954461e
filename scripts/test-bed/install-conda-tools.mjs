import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, SetupError, say } from '../run.mjs';

/** rattler solves and installs beside us; conda-package-handling makes the packages that both are given. */
const packages = ['py-rattler==0.28.0', 'conda-package-handling==2.6.0'];

/** Makes `.tools/conda-tools-0.28.0/bin/python`, in which both can be imported. */
export const installCondaTools = (root) => {
  const target = join(root, '.tools/conda-tools-0.28.0');
  const python = join(target, 'bin/python');
  const stands = existsSync(python) && run(python, ['-c', 'import rattler, conda_package_handling']);
  if (stands) return;
  say('installing py-rattler and conda-package-handling, which conda packages are compared with, into .tools');
  const uv = join(root, '.tools/uv/bin/uv');
  const made =
    run(uv, ['venv', '--quiet', '--clear', '--python', join(root, '.tools/uv/bin/python'), target]) &&
    run(uv, ['pip', 'install', '--quiet', '--only-binary', ':all:', '--python', python, ...packages]);
  if (!made) throw new SetupError('py-rattler could not be installed; the messages stand above.');
};
