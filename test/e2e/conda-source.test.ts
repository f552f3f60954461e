import { afterAll, beforeAll, expect, it } from 'vitest';
import { isSdist } from '../../src/lock/lock.ts';
import { type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { type CondaChannel, startCondaChannel } from '../conda-channel.ts';
import { asRoot, openContainerPip } from '../container-pip.ts';
import { makeSdist } from '../make-sdist.ts';
import { startPackageIndex } from '../package-index.ts';
import { compareTrees } from '../tree-comparison.ts';

let bed: ComparisonBed;
let channel: CondaChannel;
beforeAll(async () => {
  channel = await startCondaChannel();
  bed = await openComparisonBed();
});
afterAll(async () => {
  for (const each of [bed, channel]) await each?.[Symbol.asyncDispose]();
});

it('is built with the Python, the compilers and the headers that apt and conda lines of the same spec bring', async () => {
  const base = await bed.pushBase('slim');
  const env = { CONDA_CHANNELS: channel.url };
  const [apt, conda, pip] = [['build-essential'], ['python', 'pip', 'rich'], ['docopt', 'netifaces', 'rich']];
  const built = await bed.build(base, { apt, conda, pip }, { env });
  expect(built.lock.packages.filter(isSdist).map(({ name }) => name)).toEqual(['docopt', 'netifaces']);

  await using ours = await bed.buildah.from(built.image);
  await using theirs = await bed.buildah.from((await bed.build(base, { apt, conda }, { env })).image);
  const pins = built.lock.packages.flatMap(({ ecosystem, name, version }) =>
    ecosystem === 'pip' ? `${name}==${version}` : [],
  );
  const tool = await openContainerPip();
  await tool.install(theirs, pip, pins);
  await ours.run(['true'], asRoot());
  expect(compareTrees(theirs.root, ours.root)).toEqual([]);
  await ours.shell('python -c "import docopt, netifaces; netifaces.interfaces()" && pip check', asRoot());

  const again = await bed.build(base, { apt, conda, pip: [...pip, 'six'] }, { env });
  expect(again.output).not.toContain('"output"');
});

it('finds the programs of conda packages, and what their link scripts have changed', async () => {
  const look = `
import shutil
assert os.environ["CONDA_PREFIX"] == "/opt/conda"
assert shutil.which("link-script-tool") == "/opt/conda/bin/link-script-tool"
assert os.path.exists("/opt/conda/etc/linked")
`;
  await using index = await startPackageIndex([makeSdist({ name: 'looking', whenAsked: look, whenBuilt: look })]);
  const base = await bed.pushBase('slim');
  const packages = { conda: ['python', 'link-script'], pip: [`looking @ ${index.fileUrl('looking-1.0.tar.gz')}`] };
  const built = await bed.build(base, packages, { env: { CONDA_CHANNELS: channel.url } });
  expect(built.lock.packages.filter(isSdist).map(({ name }) => name)).toEqual(['looking']);
});

it('is built in an environment of the base that conda lines change', async () => {
  const base = await bed.pushBase('conda');
  const packages = { conda: ['pip>=26', 'link-script-after'], pip: ['docopt'] };
  const built = await bed.build(base, packages, { env: { CONDA_CHANNELS: channel.url } });
  expect(built.lock.conda).toMatchObject({ path: '/opt/conda', isNew: false });
  expect(built.lock.packages.filter(isSdist).map(({ name }) => name)).toEqual(['docopt']);
  await using container = await bed.buildah.from(built.image);
  await container.shell('python -c "import docopt" && pip check', asRoot());
});

it('is compiled to bytecode by that Python', async () => {
  const base = await bed.pushBase('slim');
  const options = { env: { CONDA_CHANNELS: channel.url }, words: ['--compile-bytecode'] };
  const built = await bed.build(base, { conda: ['python'], pip: ['docopt', 'six'] }, options);
  await using container = await bed.buildah.from(built.image);
  const loaded = await container.shell('python -v -c "import docopt, six" 2>&1', asRoot());
  for (const name of ['docopt', 'six'])
    expect(loaded).toMatch(new RegExp(`code object from '?.*__pycache__/${name}\\.cpython-\\d+\\.pyc`));
});
