import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuildBed, startBuildBed } from '../../../test/build-bed.ts';
import { makeWheel, type WheelRecipe, wheelFilename } from '../../../test/package-index.ts';
import { syntheticBase } from '../../../test/synthetic-base.ts';
import type { LockedWheel } from '../../lock/lock.ts';
import { digestOf } from '../../oci/digest.ts';
import { createRootfs } from '../../rootfs/create-rootfs.ts';
import { layerOf } from '../../rootfs/layer.fixture.ts';
import type { FinishRequest } from '../ecosystem.ts';
import { finishWheels } from './finish-wheels.ts';

const wheels: readonly WheelRecipe[] = [
  { name: 'one', files: { 'shared/a.py': 'one', 'shared/b.py': 'one', 'tests/__init__.py': '' } },
  { name: 'two', files: { 'shared/a.py': 'two', 'shared/b.py': 'two', 'tests/__init__.py': '' } },
  { name: 'three', files: { 'three/__init__.py': '', 'old/more.py': 'three', 'lonely.py': 'three' } },
];
const base = syntheticBase({
  'old/more.py': 'old',
  'old-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\nName: old\nVersion: 1.0\n',
  'old-1.0.dist-info/RECORD': 'old/more.py,,\nold-1.0.dist-info/METADATA,,\nold-1.0.dist-info/RECORD,,\n',
  'lonely.py': 'nobody',
});
const site = '/usr/local/lib/python3.11/dist-packages';
const otherwise = 'Leave one of the two out, should that not be meant.';

let bed: BuildBed;
beforeAll(async () => {
  bed = await startBuildBed(
    wheels.map((recipe) => ({ filename: wheelFilename(recipe), bytes: makeWheel(recipe) })),
    base,
  );
}, 60_000);
afterAll(() => bed[Symbol.asyncDispose]());

describe('what pip packages are to each other and to the base', () => {
  const noticesOf = async (pip: string, cache: string) => {
    const { events } = await bed.build({ pip, cache, name: cache });
    return events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
  };

  it('is told where several bring a file of another content, the last to be installed winning', async () => {
    const told = `The pip packages one and two bring the same files; those of one are kept, as pip would have it: ${site}/shared/a.py, ${site}/shared/b.py. ${otherwise}`;
    expect(await noticesOf('one\ntwo', 'twins')).toContain(told);
    // Also when the layers are there, and the wheels.
    expect(await noticesOf('one\ntwo\nthree', 'twins')).toContain(told);
  });

  it('is told where they take the place of what the base has', async () => {
    const told = await noticesOf('three', 'over');
    expect(told).toContain(
      `The pip package three takes the place of files that old has put into the base: ${site}/old/more.py.`,
    );
    expect(told).toContain(`The pip package three takes the place of files that the base has: ${site}/lonely.py.`);
  });

  it('is nothing else', async () => {
    const told = await noticesOf('one', 'alone');
    expect(told.filter((notice) => /same files|takes the place/.test(notice))).toEqual([]);
  });
});

describe('what pip packages are to conda packages', () => {
  it('is told where both bring a file', async () => {
    const locked = { ecosystem: 'pip', name: 'driver-binary', requiredBy: [] } as Partial<LockedWheel> as LockedWheel;
    const path = '/opt/conda/lib/python3.12/site-packages/driver/__init__.py';
    const request: Partial<FinishRequest> = {
      lock: { lockVersion: 1, base: { reference: '', digest: digestOf(''), platform: '' }, packages: [locked] },
      made: [{ layer: {} as never, title: 'pip: driver-binary', packages: [locked] }],
      broughtBelow: () => [{ name: 'driver', paths: [path, '/opt/conda/lib/libdriver.so'] }],
      rootfs: createRootfs([layerOf({})]),
    };
    const { notices } = await finishWheels(request as FinishRequest, {
      cacheDir: '',
      sourceOf: () => expect.fail('nothing is made again'),
      contentOf: async () => new Map([[path, 'sha256=x']]),
    });
    expect(notices).toEqual([
      `The pip package driver-binary brings files that the conda package driver brings, too; those of pip are kept: ${path}. ${otherwise}`,
    ]);
  });
});
