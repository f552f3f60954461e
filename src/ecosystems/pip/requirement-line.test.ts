import { describe, expect, it } from 'vitest';
import { formatRequirement } from './requirement.ts';
import { readRequirementLine } from './requirement-line.ts';

const read = (text: string) => readRequirementLine({ line: 3, text });
const problemOf = (text: string) => {
  const answer = read(text);
  if ('requirement' in answer) throw new Error(`taken as ${formatRequirement(answer.requirement)}`);
  return answer.problem;
};

describe('readRequirementLine', () => {
  it.each([
    ['numpy', 'numpy'],
    ['Pandas [Excel, plot_x]>=2, <3', 'pandas[excel,plot-x]<3,>=2'],
    ['numpy (==1.26.*)', 'numpy==1.26.*'],
    ['a~=2.2;python_version<"3.12"', 'a~=2.2; python_version < "3.12"'],
    ['numpy 2', undefined],
    ['numpy >= 2', 'numpy>=2'],
    [
      'numpy ; sys_platform == "linux" and (extra == "x" or os_name != "nt")',
      'numpy; sys_platform == "linux" and (extra == "x" or os_name != "nt")',
    ],
    [
      'tiny_pkg @ https://e.example.com/d/tiny_pkg-1.0-py3-none-any.whl#sha256=00 ; os_name == "posix"',
      'tiny-pkg @ https://e.example.com/d/tiny_pkg-1.0-py3-none-any.whl#sha256=00 ; os_name == "posix"',
    ],
    ['tiny @ http://127.0.0.1:1/tiny-1.0-py3-none-any.whl', 'tiny @ http://127.0.0.1:1/tiny-1.0-py3-none-any.whl'],
    ['a===1.0-weird', 'a===1.0-weird'],
    ['ruamel.yaml', 'ruamel-yaml'],
  ])('reads %s', (text, canonical) => {
    const answer = read(text);
    expect('requirement' in answer ? formatRequirement(answer.requirement) : undefined).toBe(canonical);
  });

  it.each([
    ['-r requirements.txt', 'option-unsupported', 'Paste'],
    ['-rrequirements.txt', 'option-unsupported', 'Paste'],
    ['-e .', 'option-unsupported', 'released'],
    ['-c c.txt', 'option-unsupported', 'constraints'],
    ['--index-url https://e.example.com/simple', 'option-unsupported', 'indexes'],
    ['--extra-index-url=https://e.example.com/simple', 'option-unsupported', 'indexes'],
    ['--find-links file:///x', 'option-unsupported', 'indexes'],
    ['--trusted-host e.example.com', 'option-unsupported', 'indexes'],
    ['numpy --hash=sha256:00', 'option-unsupported', 'lock'],
    ['pip install numpy pandas==2', 'command-pasted', 'numpy ⏎ pandas==2'],
    ['!pip3 install -U "numpy"', 'command-pasted', ': numpy'],
    ['python3 -m pip install a', 'command-pasted', ': a'],
    ['conda install numpy', 'command-pasted', 'conda list'],
    ['./x', 'path-unsupported', '@ https'],
    ['/x-1.0-py3-none-any.whl', 'path-unsupported', '@ https'],
    ['x.whl', 'path-unsupported', '@ https'],
    ['x-1.0.tar.gz', 'path-unsupported', '@ https'],
    ['x @ file:///x-1.0-py3-none-any.whl', 'path-unsupported', '@ https'],
    ['file:///x-1.0-py3-none-any.whl', 'url-without-name', 'x @'],
    ['git+https://e.example.com/a/b', 'vcs-unsupported', 'released'],
    ['x @ git+ssh://git@e.example.com/a/b', 'vcs-unsupported', 'released'],
    ['https://e.example.com/x-1.0-py3-none-any.whl', 'url-without-name', 'x @ https://e.example.com/x-1.0'],
    ['x @ http://e.example.com/x-1.0-py3-none-any.whl', 'url-insecure', undefined],
    ['x @ https://e.example.com/x/releases', 'url-unsupported', 'file of a release'],
    ['x @ https://e.example.com/y-1.0-py3-none-any.whl', 'url-invalid', 'Write y'],
    ['x @ https://e.example.com/x.whl', 'url-invalid', undefined],
    ['x @ nowhere', 'url-invalid', undefined],
    ['numpy pandas', 'several-packages', 'numpy ⏎ pandas'],
    ['numpy, pandas>=2,<3', 'several-packages', 'numpy ⏎ pandas>=2,<3'],
    ['numpy=1.2', 'requirement-invalid', 'numpy==1.2'],
    ['conda-forge::numpy=1.2', 'requirement-invalid', 'numpy==1.2'],
    ['num?py', 'name-invalid', 'letters'],
    ['-', 'option-unsupported', 'Leave'],
    ['naïve', 'name-invalid', 'letters'],
    ['python==3.9', 'python-as-package', 'base'],
    ['numpy>=', 'requirement-invalid', 'numpy>=1.0'],
    ['numpy~=2', 'requirement-invalid', 'PEP 508'],
    ['numpy>=1.0; foo == "1"', 'requirement-invalid', 'PEP 508'],
  ])('refuses %s', (text, code, hint) => {
    const problem = problemOf(text);
    expect(problem).toMatchObject({ field: 'packages.pip', line: 3, code });
    expect(problem.hint ?? '').toContain(hint ?? '');
  });

  it('tells the column', () => {
    expect(problemOf('numpy>=1.0,<x').message).toContain('At column 13: "x" is not a version');
    expect(problemOf('numpy[a').message).toContain('At column 8: "," or "]"');
  });

  it('never shows a secret', () => {
    for (const text of [
      'x @ https://me:canary@e.example.com/x-1.0-py3-none-any.whl',
      'https://me:canary@e.example.com/x-1.0-py3-none-any.whl?token=canary',
      'git+https://canary@e.example.com/a',
      '--index-url https://me:canary@e.example.com/simple',
      'pip install https://me:canary@e.example.com/x-1.0-py3-none-any.whl',
    ]) {
      expect(JSON.stringify(problemOf(text))).not.toContain('canary');
    }
  });

  it('is quick with long and odd lines', () => {
    for (const text of [
      'a '.repeat(500),
      'a,'.repeat(499),
      `${'a'.repeat(999)}!`,
      '('.repeat(1000),
      `a; ${'('.repeat(900)}`,
    ]) {
      expect(problemOf(text).code).toMatch(/several|invalid/);
    }
  });
});
