import { describe, expect, it } from 'vitest';
import { buildPython } from '../../../test/build-python.ts';
import { chooseWheel, compatibleTags, parseWheelFilename } from './tags.ts';

const choose = (filenames: string[], python = buildPython()) =>
  chooseWheel(
    filenames.map((filename) => ({ filename })),
    python,
  )?.filename;

describe('parseWheelFilename', () => {
  it('reads all parts', () => {
    expect(parseWheelFilename('Tiny_Pkg-1.0+local-2x-py2.py3-none-any.whl')).toEqual({
      name: 'tiny-pkg',
      version: '1.0+local',
      build: [2, 'x'],
      tags: ['py2-none-any', 'py3-none-any'],
    });
    for (const bad of ['a.whl', 'a-1.tar.gz', '../a-1-py3-none-any.whl', 'a-1-x-py3-none-any.whl']) {
      expect(parseWheelFilename(bad)).toBeUndefined();
    }
  });
});

describe('compatibleTags', () => {
  it('goes from the most to the least specific', () => {
    const tags = compatibleTags(buildPython());
    const inOrder = [
      'cp311-cp311-manylinux_2_36_x86_64',
      'cp311-cp311-manylinux_2_17_x86_64',
      'cp311-cp311-manylinux2014_x86_64',
      'cp311-cp311-manylinux1_x86_64',
      'cp311-cp311-linux_x86_64',
      'cp311-abi3-manylinux_2_36_x86_64',
      'cp311-none-linux_x86_64',
      'cp310-abi3-manylinux2010_x86_64',
      'cp32-abi3-linux_x86_64',
      'py311-none-manylinux_2_36_x86_64',
      'py3-none-linux_x86_64',
      'py30-none-linux_x86_64',
      'cp311-none-any',
      'py311-none-any',
      'py3-none-any',
      'py30-none-any',
    ].map((tag) => tags.indexOf(tag));
    expect(inOrder).not.toContain(-1);
    expect(inOrder).toEqual([...inOrder].sort((a, b) => a - b));
    expect(new Set(tags).size).toBe(tags.length);
  });

  it('knows musl, other machines and free-threaded builds', () => {
    const musl = compatibleTags(buildPython({ libc: { family: 'musl', version: '1.2' } }));
    expect(musl.slice(0, 4)).toEqual(
      ['2', '1', '0'].map((minor) => `cp311-cp311-musllinux_1_${minor}_x86_64`).concat('cp311-cp311-linux_x86_64'),
    );
    const arm = compatibleTags(buildPython({ architecture: 'arm64' }));
    expect(arm).toContain('cp311-cp311-manylinux2014_aarch64');
    expect(arm).not.toContain('cp311-cp311-manylinux_2_16_aarch64');
    const threaded = compatibleTags(buildPython({ version: '3.13.1', freeThreaded: true }));
    expect(threaded[0]).toBe('cp313-cp313t-manylinux_2_36_x86_64');
    expect(threaded.some((tag) => tag.includes('abi3'))).toBe(false);
  });
});

describe('chooseWheel', () => {
  it('takes the most specific that runs, then the highest build', () => {
    const any = 'a-1-py3-none-any.whl';
    const abi3 = 'a-1-cp37-abi3-manylinux_2_17_x86_64.whl';
    const exact = 'a-1-cp311-cp311-manylinux_2_17_x86_64.whl';
    const newer = 'a-1-cp311-cp311-manylinux_2_28_x86_64.manylinux_2_27_x86_64.whl';
    const newest = 'a-1-cp311-cp311-manylinux_2_39_x86_64.whl';
    expect(choose([any, abi3, exact, newer, newest])).toBe(newer);
    expect(choose([any, abi3])).toBe(abi3);
    expect(choose([newest, 'a-1-cp312-cp312-linux_x86_64.whl', 'a-1-cp311-cp311-win_amd64.whl'])).toBeUndefined();
    expect(choose(['a-1-py3-none-any.whl', 'a-1-2-py3-none-any.whl', 'a-1-10-py3-none-any.whl'])).toBe(
      'a-1-10-py3-none-any.whl',
    );
  });
});
