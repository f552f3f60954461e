import { describe, expect, it } from 'vitest';
import { readPrimeHubFile } from './primehub-resources.ts';

const image = (name: string, spec: string, kind = 'Image') =>
  `apiVersion: primehub.io/v1alpha1\nkind: ${kind}\nmetadata:\n  name: ${name}\nspec:\n${spec.replaceAll(/^/gm, '  ')}\n`;

describe('readPrimeHubFile', () => {
  it('takes over an existing image with its second URL', async () => {
    const file = await readPrimeHubFile(
      image(
        'pytorch',
        'displayName: PyTorch\ndescription: With CUDA\ntype: both\nurl: a.example/p:1\nurlForGpu: a.example/p:1-gpu\npullSecret: ours\ngroupName: vision',
      ),
    );
    expect(file.refused).toEqual([]);
    expect(file.images).toHaveLength(1);
    expect(file.images[0]!.body).toEqual({
      ...{ name: 'pytorch', kind: 'existing', displayName: 'PyTorch', description: 'With CUDA', type: 'universal' },
      ...{ url: 'a.example/p:1', gpuUrl: 'a.example/p:1-gpu', pullSecret: 'ours', ownerGroup: 'vision' },
    });
    expect(file.notices).toEqual([
      {
        line: 11,
        resource: 'Image pytorch',
        message: expect.stringContaining('The pull secret "ours" is not in the file'),
      },
    ]);
  });

  it('takes over a custom image, its lines joined again and what was left out told', async () => {
    const spec = [
      'type: gpu',
      'url: our.example/built:1',
      'imageSpec:',
      '  baseImage: a.example/base:1',
      '  updateTime: "2024-01-01"',
      '  packages:',
      '    apt: [git]',
      '    conda:',
      '      - -c',
      '      - pytorch',
      '      - fastai',
      '      - scipy',
      '    pip:',
      '      - requests',
      '      - pandas>=2',
    ].join('\n');
    const { images, notices } = await readPrimeHubFile(image('fast', spec));
    const [taken] = images;
    expect(taken!.body).toMatchObject({ kind: 'custom', type: 'gpu', pullSecret: null, ownerGroup: null });
    expect(taken!.body.spec).toEqual({
      base: 'a.example/base:1',
      packages: { apt: 'git', conda: '-c pytorch fastai\nscipy', pip: 'requests\npandas>=2' },
    });
    expect(taken!.body).not.toHaveProperty('url');
    expect([taken!.lineOf('packages.conda', 2), taken!.lineOf('packages.pip', 2), taken!.lineOf('base')]).toEqual([
      17, 20, 9,
    ]);
    expect(notices.map(({ line, message }) => `${line}: ${message}`)).toEqual([
      expect.stringMatching(/^7: spec\.url is not taken over/),
      expect.stringMatching(/^10: spec\.imageSpec\.updateTime is not taken over/),
      expect.stringMatching(/^14: packages\.conda: "-c", "pytorch", "fastai" is one line again, "-c pytorch fastai"/),
      expect.stringMatching(/^14: packages\.conda: in PrimeHub a channel counted for the whole list/),
      expect.stringMatching(/^20: packages\.pip: PrimeHub left "pandas>=2" out of the build/),
    ]);
  });

  it('reads documents, lists and JSON', async () => {
    const item = (name: string) => ({
      apiVersion: 'primehub.io/v1alpha1',
      kind: 'Image',
      metadata: { name },
      spec: { url: `a.example/${name}:1` },
    });
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [item('b'), item('c')] }, null, 1);
    const { images, refused, notices } = await readPrimeHubFile(
      `${image('a', 'url: a.example/a:1')}---\n---\n${list}\n`,
    );
    expect({ refused, notices }).toEqual({ refused: [], notices: [] });
    expect(images.map(({ name, line }) => [name, line])).toEqual([
      ['a', 1],
      ['b', 13],
      ['c', 23],
    ]);
  });

  it('tells of every field and resource that it does not take over', async () => {
    const text = `${image('a', 'url: a.example/a:1\nsomething: else')}status: {}\n---\nkind: Secret\napiVersion: v1\nmetadata: {name: s}\n`;
    const { images, notices } = await readPrimeHubFile(
      text.replace('  name: a\n', '  name: a\n  uid: "1"\n  namespace: hub\n'),
    );
    expect(images).toHaveLength(1);
    expect(notices.map(({ line, resource, message }) => `${line} ${resource} ${message.split(' is ')[0]}`)).toEqual([
      '5 Image a metadata.uid',
      '6 Image a metadata.namespace',
      '10 Image a status',
      '9 Image a spec.something',
      '12 Secret s Left out: only Image and ImageSpec of primehub.io are images',
    ]);
  });

  it.each([
    ['no url and no imageSpec', image('a', 'type: cpu'), 5, 'neither a url nor an imageSpec'],
    ['a type that nobody knows', image('a', 'url: x\ntype: tpu'), 7, '"tpu", not cpu, gpu or both'],
    ['a number for a text', image('a', 'url: x\ndisplayName: 3.8'), 7, 'not a text; put it in quotes'],
    ['no base', image('a', 'imageSpec:\n  packages: {pip: [numpy]}'), 6, 'no baseImage'],
    ['no packages', image('a', 'imageSpec:\n  baseImage: x\n  packages: {pip: []}'), 8, 'asks for no package'],
    ['a list that is none', image('a', 'imageSpec:\n  baseImage: x\n  packages: {pip: numpy}'), 8, 'is not a list'],
    [
      'an entry that is none',
      image('a', 'baseImage: x\npackages:\n  pip:\n  - numpy\n  - 2', 'ImageSpec'),
      10,
      'is not a text',
    ],
    ['a name that is none', image('A_b', 'url: x'), 4, 'Its name cannot be taken over'],
    ['a name too long', image('a'.repeat(64), 'url: x'), 4, 'Its name cannot be taken over'],
    ['another version', image('a', 'url: x').replace('v1alpha1', 'v2'), 1, 'only primehub.io/v1alpha1'],
    ['no name', image('', 'url: x'), 1, 'no metadata.name'],
    ['broken YAML', 'a: [1\n', 2, 'not well-formed YAML'],
    ['a text', 'hello\n', 1, 'not a resource'],
  ])('refuses %s at its line', async (_what, text, line, message) => {
    const { images, refused } = await readPrimeHubFile(text);
    expect(images).toEqual([]);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toMatchObject({ line, message: expect.stringContaining(message) });
  });

  it('takes an Image and the ImageSpec that PrimeHub made of it once, and refuses other names that come twice', async () => {
    const spec = 'baseImage: x\npackages: {pip: [numpy]}';
    const custom = image('a', `imageSpec:\n${spec.replaceAll(/^/gm, '  ')}`);
    const same = await readPrimeHubFile(`${image('a', spec, 'ImageSpec')}---\n${custom}`);
    expect(same.images.map(({ kind }) => kind)).toEqual(['Image']);
    expect(same.notices).toEqual([{ line: 1, resource: 'ImageSpec a', message: expect.stringContaining('Left out') }]);
    const other = await readPrimeHubFile(`${custom}---\n${image('a', spec.replace('numpy', 'scipy'), 'ImageSpec')}`);
    expect(other).toMatchObject({ images: [{ kind: 'Image' }], refused: [{ kind: 'ImageSpec', line: 10 }] });
  });
});
