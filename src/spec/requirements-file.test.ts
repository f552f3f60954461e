import { describe, expect, it } from 'vitest';
import { readRequirementsFile } from './requirements-file.ts';

const none = { apt: [], conda: [], pip: [] };

describe('readRequirementsFile', () => {
  it('reads what a compiler of requirements writes: hashes go, comments stay', () => {
    const text = [
      '# made by pip-compile',
      '--index-url https://user:secret@pypi.example.com/simple?key=secret',
      'numpy==2.1.0 \\',
      '    --hash=sha256:aa \\',
      '    --hash=sha256:bb',
      '    # via pandas',
      'pandas==2.2.3 --hash=sha256:cc  # why',
      '-r base.txt',
      '',
    ].join('\r\n');
    expect(readRequirementsFile(text)).toEqual({
      packages: {
        ...none,
        pip: ['# made by pip-compile', 'numpy==2.1.0', '    # via pandas', 'pandas==2.2.3  # why'],
      },
      leftOut: ['--index-url https://pypi.example.com/simple', '-r base.txt', '--hash (3)'],
    });
  });

  it('names the other options of a requirement', () => {
    expect(readRequirementsFile('ply==3.1 --config-settings="a=b"')).toEqual({
      packages: { ...none, pip: ['ply==3.1'] },
      leftOut: ['--config-settings="a=b"'],
    });
  });

  it.each([
    'numpy\npandas>=2  # for tables\n',
    "tomli; python_version < '3.11'",
    'a @ https://example.com/a-b--c.whl',
    '',
  ])('leaves %j as it is', (text) => {
    expect(readRequirementsFile(text)).toBeUndefined();
  });
});
