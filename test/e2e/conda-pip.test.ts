import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Built, type ComparisonBed, openComparisonBed } from '../comparison-bed.ts';
import { type CondaChannel, startCondaChannel } from '../conda-channel.ts';
import { runImagewright } from '../imagewright.ts';

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

it('takes nothing away of what conda brings, and says so at the line', async () => {
  const spec = join(bed.directory, 'conflict.yaml');
  const packages = { conda: ['rich'], pip: ['tabulate', 'rich<14'] };
  await writeFile(spec, JSON.stringify({ name: 'conflict', base, packages }));
  const env = { CONDA_CHANNELS: channel.url, REGISTRY_AUTH_FILE: '', IMAGEWRIGHT_DATA: join(bed.directory, 'data') };
  const { exitCode, stderr } = await runImagewright(['lock', spec], { env });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/packages\.pip, line 2: rich<14\n.*would take the place of .*comes with the conda packages/);
});
