import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPython } from '../../../test/build-python.ts';
import { evaluateMarker, markerEnvironmentOf } from './marker.ts';
import { formatRequirement, parseRequirement, type Requirement } from './requirement.ts';
import { satisfies } from './specifier.ts';
import { compareVersions, formatVersion, parseVersion } from './version.ts';

const number = fc.constantFrom('0', '1', '2', '10');
const version = fc
  .tuple(
    fc.constantFrom('', '', '1!'),
    fc.array(number, { minLength: 1, maxLength: 3 }).map((numbers) => numbers.join('.')),
    fc.constantFrom('', '', 'a1', 'b2', 'rc1'),
    fc.constantFrom('', '', '.post1'),
    fc.constantFrom('', '', '.dev0'),
    fc.constantFrom('', '', '+local.1'),
  )
  .map((parts) => parts.join(''));

const requirementOf = (text: string): Requirement => {
  const answer = parseRequirement(text);
  if ('fault' in answer) throw new Error(`${text}: ${answer.fault.message}`);
  return answer.requirement;
};
const compare = (a: string, b: string) => Math.sign(compareVersions(parseVersion(a)!, parseVersion(b)!));
const allows = (clauses: string, candidate: string) => satisfies(candidate, requirementOf(`x${clauses}`).specifiers);

describe('versions', () => {
  it('have one normal form', () => {
    expect(
      ['V1.0-ALPHA', '1.0.c4', '1.0-1', '1.0_rev.2', '0!01.2', '1.0+Ubuntu-1_2', '1.dev'].map((text) =>
        formatVersion(parseVersion(text)!),
      ),
    ).toEqual(['1.0a0', '1.0rc4', '1.0.post1', '1.0.post2', '1.2', '1.0+ubuntu.1.2', '1.dev0']);
    for (const text of ['', 'x', '1.x', '1..0', '1.0+', '1.0-', '1!', '1.0a1b2', `1${'.1'.repeat(300)}`]) {
      expect(parseVersion(text)).toBeUndefined();
    }
    fc.assert(fc.property(version, (text) => formatVersion(parseVersion(text)!) === text));
  });

  it('are ordered as PEP 440 lists them', () => {
    const ordered =
      '1.dev0 1.0.dev456 1.0a1 1.0a2.dev456 1.0a12.dev456 1.0a12 1.0b1.dev456 1.0b2 1.0b2.post345.dev456 1.0b2.post345 1.0rc1.dev456 1.0rc1 1.0 1.0+abc.5 1.0+abc.7 1.0+5 1.0.post456.dev34 1.0.post456 1.0.15 1.1.dev1 1!0.1'.split(
        ' ',
      );
    for (const [index, text] of ordered.entries()) {
      for (const [other, later] of ordered.entries()) expect(compare(text, later)).toBe(Math.sign(index - other));
    }
    expect(compare('1.0', '1.0.0')).toBe(0);
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compare(a, b) + compare(b, a)).toBe(0);
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('specifiers', () => {
  it.each([
    ['==1.0', '1.0.0', true],
    ['==1.0', '1.0+local', true],
    ['==1.0+local', '1.0', false],
    ['==1.1.*', '1.1.9', true],
    ['==1.1.*', '1.1a1', true],
    ['==1.1.*', '1.11', false],
    ['!=1.1.*', '1.2', true],
    ['~=2.2', '2.9', true],
    ['~=2.2', '3.0', false],
    ['~=1.4.5', '1.4.9', true],
    ['~=1.4.5', '1.5', false],
    ['<2', '2.0rc1', false],
    ['<2.0rc2', '2.0rc1', true],
    ['>1.7', '1.7.0.post1', false],
    ['>1.7.post1', '1.7.0.post2', true],
    ['>1.7', '1.7+local', false],
    ['<=1.7', '1.7+local', true],
    ['>=1,<2,!=1.5', '1.5.0', false],
    ['===1.0-odd', '1.0-ODD', true],
    ['===1.0', '1.0.0', false],
  ])('%s, %s: %s', (clauses, candidate, expected) => {
    expect(allows(clauses, candidate)).toBe(expected);
  });

  it('hold together', () => {
    fc.assert(
      fc.property(version, version, (bound, candidate) => {
        expect(allows(`!=${bound}`, candidate)).toBe(!allows(`==${bound}`, candidate));
        if (bound.includes('+')) return;
        expect(allows(`>=${bound}`, bound)).toBe(true);
        if (allows(`<${bound}`, candidate)) expect(allows(`>=${bound}`, candidate)).toBe(false);
        if (allows(`>${bound}`, candidate)) expect(allows(`<=${bound}`, candidate)).toBe(false);
      }),
    );
  });
});

describe('markers', () => {
  const environment = { ...markerEnvironmentOf(buildPython()), extra: 'excel' };
  it.each([
    ['python_version < "3.12"', true],
    ['python_version >= "3.9" and python_version < "3.11"', false],
    ['python_version in "3.10, 3.11"', true],
    ['python_full_version == "3.11.*"', true],
    ['python_full_version > "3.11"', true],
    ['sys_platform == "win32" or platform_system == "Linux"', true],
    ['sys_platform == "win32" or os_name == "posix" and platform_machine == "arm64"', false],
    ['(sys_platform == "win32" or os_name == "posix") and platform_machine == "x86_64"', true],
    ['"linux" in sys_platform', true],
    ['sys_platform not in "win32 darwin"', true],
    ['extra == "Excel"', true],
    ['extra == "other"', false],
    ["implementation_name == 'cpython' and platform_python_implementation == 'CPython'", true],
    ['os.name == "posix" and python_implementation == "CPython"', true],
    ['platform_release >= "5"', false],
  ])('%s: %s', (text, expected) => {
    expect(evaluateMarker(requirementOf(`x; ${text}`).marker!, environment)).toBe(expected);
  });

  it('take a Python without its last number as .0', () => {
    const { python_full_version: full, platform_machine: machine } = markerEnvironmentOf(
      buildPython({ version: '3.11', architecture: 'arm64' }),
    );
    expect([full, machine]).toEqual(['3.11.0', 'aarch64']);
  });
});

describe('requirements', () => {
  const text = fc
    .tuple(
      fc.constantFrom('a', 'Foo.bar', 'x_1-y'),
      fc.constantFrom('', '[x]', '[ Y_z, x ]'),
      fc.oneof(
        fc
          .array(fc.tuple(fc.constantFrom('==', '!=', '==='), version), { maxLength: 3 })
          .map((list) => list.map((clause) => clause.join('')).join(' , ')),
        fc.constantFrom(' @ https://e.example.com/a-1-py3-none-any.whl ', '(>=1,<2)', '~=1.2'),
      ),
      fc.constantFrom('', '; os_name == "posix"', " ;(os_name=='a' or os_name=='b') and extra == 'x'"),
    )
    .map((parts) => parts.join(''));

  it('have one text for one meaning', () => {
    fc.assert(
      fc.property(text, (typed) => {
        const canonical = formatRequirement(requirementOf(typed));
        expect(formatRequirement(requirementOf(canonical))).toBe(canonical);
      }),
    );
  });

  it('or a fault within the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          text.map((typed) => typed.slice(0, -1)),
          text.map((typed) => `${typed}(`),
        ),
        (typed) => {
          const answer = parseRequirement(typed);
          if ('fault' in answer) expect(answer.fault.column).toBeLessThanOrEqual(typed.length + 1);
        },
      ),
    );
  });
});
