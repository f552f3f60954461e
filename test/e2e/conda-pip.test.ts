import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Built, type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { type CondaChannel, startCondaChannel } from '../conda-channel.ts';
import { asRoot, openContainerPip } from '../container-pip.ts';
import { compareTrees } from '../tree-comparison.ts';

let bed: ComparisonBed;
let channel: CondaChannel;
let base: string;
beforeAll(async () => {
  channel = await startCondaChannel();
  bed = await openComparisonBed();
  base = await bed.pushBase('slim');
});
afterAll(async () => {
  for (const each of [bed, channel]) await each?.[Symbol.asyncDispose]();
});

const namesOf = ({ lock }: Built, kind: string) =>
  lock.packages.flatMap(({ ecosystem, name }) => (ecosystem === kind ? name : []));

it('stands on what conda brings: takes it where it satisfies, and adds only the rest', async () => {
  const conda = ['python', `-c ${channel.url} numpy>=2`, 'rich'];
  const built = await bed.build(
    base,
    { conda, pip: ['tabulate', 'rich', 'pandas'] },
    { env: { CONDA_CHANNELS: channel.url } },
  );
  expect(built.lock.conda).toMatchObject({ path: '/opt/conda', isNew: true });
  expect(built.lock.python).toMatchObject({ executable: expect.stringMatching(/^\/opt\/conda\/bin\/python3?$/) });
  expect(namesOf(built, 'conda')).toEqual(expect.arrayContaining(['numpy', 'python', 'rich']));
  expect(namesOf(built, 'pip')).toEqual(expect.arrayContaining(['pandas', 'tabulate']));
  for (const name of ['numpy', 'rich', 'pygments']) expect(namesOf(built, 'pip')).not.toContain(name);
  await using container = await bed.buildah.from(built.image);
  const quietly = { user: '0', variables: { PYTHONDONTWRITEBYTECODE: '1', HOME: '/tmp' } };
  await container.shell('python -c "import numpy, rich, tabulate, pandas; pandas.DataFrame([1]).sum()"', quietly);
});

it('takes the place of what conda brings as pip itself would, and says so', async () => {
  const env = { CONDA_CHANNELS: channel.url };
  const conda = ['rich', 'pip', 'click'];
  const pip = ['tabulate', 'rich<14', 'click<8'];
  const built = await bed.build(base, { conda, pip }, { env });
  expect(built.lock.packages.find(({ ecosystem, name }) => ecosystem === 'pip' && name === 'rich')).toMatchObject({
    replaces: { broughtBy: 'conda', metadataPath: expect.stringMatching(/^\/opt\/conda\/.*\/rich-.*\.dist-info$/) },
  });
  expect(built.output).toMatch(/rich \S+ comes with the conda packages; 13\.\S+ of pip takes its place/);
  await using ours = await bed.buildah.from(built.image);
  await using theirs = await bed.buildah.from((await bed.build(base, { conda }, { env })).image);
  const constraints = built.lock.packages.flatMap(({ ecosystem, name, version }) =>
    ecosystem === 'pip' ? `${name}==${version}` : [],
  );
  const tool = await openContainerPip();
  await tool.install(theirs, pip, constraints);
  await ours.run(['true'], asRoot());
  expect(compareTrees(theirs.root, ours.root)).toEqual([]);
  await ours.shell('python -c "import rich, click, tabulate" && pip check', asRoot());
  const elsewhere = await bed.build(base, { conda, pip }, { env, data: 'elsewhere', fromLock: built.lock });
  expect(elsewhere.image.split('@')[1]).toBe(built.image.split('@')[1]);
});
