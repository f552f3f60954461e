import { existsSync } from 'node:fs';
import { findCommand, installDebianPackages, SetupError, say } from '../run.mjs';

/** What the tests start, and the Debian package that has it. */
const tools = [
  { commands: ['buildah'], debianPackage: 'buildah' },
  { commands: ['crun', 'runc'], debianPackage: 'crun' },
  { commands: ['newuidmap'], debianPackage: 'uidmap' },
  { commands: ['ip'], debianPackage: 'iproute2' },
  { commands: ['mmdebstrap'], debianPackage: 'mmdebstrap' },
  // The server: psql alone may be there without it.
  { commands: ['pg_createcluster'], debianPackage: 'postgresql' },
  { commands: ['docker-registry'], debianPackage: 'docker-registry' },
  { commands: ['skopeo'], debianPackage: 'skopeo' },
  { commands: ['podman'], debianPackage: 'podman' },
  { commands: ['containerd'], debianPackage: 'containerd' },
  { commands: ['dockerd'], debianPackage: 'docker.io' },
  { commands: ['chromium'], debianPackage: 'chromium' },
];

/** Fonts that the pictures of the page are drawn with, by a file of each. */
const fonts = [{ file: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc', debianPackage: 'fonts-noto-cjk' }];

/** Installs the tools that the tests start; throws a SetupError that names those it could not install. */
export const installTestTools = () => {
  const missing = missingTools();
  if (missing.length === 0 || (installDebianPackages(missing) && missingTools().length === 0)) return;
  const names = missingTools().join(' ');
  say(`the tests need tools that are not installed: ${names}`);
  throw new SetupError(`install them, as root on Debian or Ubuntu: apt-get install ${names}`);
};

const missingTools = () =>
  [
    ...tools.filter(({ commands }) => !commands.some((name) => findCommand(name))),
    ...fonts.filter(({ file }) => !existsSync(file)),
  ].map(({ debianPackage }) => debianPackage);
