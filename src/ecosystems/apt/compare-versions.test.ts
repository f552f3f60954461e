import { describe, expect, it } from 'vitest';
import { runCommand } from '../../../test/run-command.ts';
import { compareVersions } from './compare-versions.ts';

const versions = [
  ...['1.0', '1.0-1', '1.0~rc1-1', '1.0-1+deb12u2', '1.0-1+deb12u10', '1:0.5', '1.0a', '1.0+b', '1.0.1', '1.00'],
  ...['2.39.2-1.1', '2.39-1', '0~git', '9', '10', '1.0-1~bpo12+1'],
];

describe('versions of Debian packages', () => {
  it('are ordered as dpkg orders them', async () => {
    const pairs = versions.flatMap((a) => versions.map((b) => [a, b] as const));
    const script = pairs.map(
      ([a, b]) =>
        `dpkg --compare-versions '${a}' lt '${b}' && echo -1 || { dpkg --compare-versions '${a}' gt '${b}' && echo 1 || echo 0; }`,
    );
    const told = (await runCommand('sh', [], { input: script.join('\n') })).trim().split('\n').map(Number);
    expect(pairs.map(([a, b]) => [a, b, Math.sign(compareVersions(a, b))])).toEqual(
      pairs.map(([a, b], at) => [a, b, told[at]]),
    );
  });
});
