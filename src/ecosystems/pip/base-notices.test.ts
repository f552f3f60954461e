import { describe, expect, it } from 'vitest';
import { buildPython } from '../../../test/build-python.ts';
import { buildLockedWheel } from '../../../test/makers.ts';
import type { InstalledDistribution } from '../../rootfs/python-environment.ts';
import { baseNotices } from './base-notices.ts';

function byConda(name: string, requires: readonly string[] = []): InstalledDistribution {
  const location = '/opt/conda/lib/python3.11/site-packages';
  const metadataPath = `${location}/${name}-2.0.dist-info`;
  return { name, version: '2.0', metadataPath, location, owner: 'conda', files: [], requires };
}

describe('what pip takes from conda', () => {
  const installed = new Map([byConda('lib'), byConda('user', ['lib>=2'])].map((each) => [each.name, each]));
  const told = (comesByConda: boolean) =>
    baseNotices({
      python: buildPython({ externallyManaged: false }),
      installed,
      packages: [buildLockedWheel({ name: 'lib', version: '1.0' })],
      comesByConda: () => comesByConda,
    }).map(String);

  it('is told as what the conda lines bring, with what breaks by it', () => {
    expect(told(true)).toEqual([
      expect.stringMatching(/^lib 2\.0 comes with the conda packages; 1\.0 of pip takes its place/),
      'user 2.0 of the conda packages requires lib>=2, but 1.0 will be installed.',
    ]);
  });

  it('is told as the base’s where it was there before', () => {
    expect(told(false)).toEqual([
      expect.stringMatching(/^lib 2\.0 was put into the base by conda; 1\.0 of pip takes its place/),
      'user 2.0 of the base requires lib>=2, but 1.0 will be installed.',
    ]);
  });
});
