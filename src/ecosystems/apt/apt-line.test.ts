import { describe, expect, it } from 'vitest';
import { aptOperand, readAptLine } from './apt-line.ts';

const read = (text: string) => readAptLine({ line: 3, text });

describe('readAptLine', () => {
  it.each([
    ['jq', { name: 'jq' }],
    ['g++', { name: 'g++' }],
    ['libstdc++6:i386', { name: 'libstdc++6', architecture: 'i386' }],
    ['git=1:2.39.5-0+deb12u2', { name: 'git', version: '1:2.39.5-0+deb12u2' }],
    ['libc6:amd64=2.36-9', { name: 'libc6', architecture: 'amd64', version: '2.36-9' }],
    ['python3.11', { name: 'python3.11' }],
  ])('reads %s', (text, expected) => {
    const request = read(text);
    expect(request).toMatchObject(expected);
    expect(aptOperand(request as never)).toBe(text);
  });

  it.each([
    ['apt-get install -y git jq', 'command'],
    ['sudo apt install git', 'command'],
    ['git jq', 'one package a line'],
    ['-o DPkg::Pre-Invoke::=id', 'one package a line'],
    ['-oDPkg::Pre-Invoke::=id', 'Options'],
    ['--allow-unauthenticated', 'Options'],
    ['./x.deb', 'Files'],
    ['/tmp/x.deb', 'Files'],
    ['https://example.com/x.deb', 'Files'],
    ['git/bookworm-backports', 'release'],
    ['git*', 'Patterns'],
    ['^git$', 'Patterns'],
    ['git-', 'remove'],
    ['git>=2', 'ranges'],
    ['git==2', 'ranges'],
    ['Git', '"git"'],
    ['git=', 'name=version'],
    ['git=;id', 'name=version'],
    ['git;id', 'name=version'],
  ])('refuses %s and says why', (text, why) => {
    const answer = read(text);
    const problem = 'problem' in answer ? answer.problem : undefined;
    expect(problem).toMatchObject({ field: 'packages.apt', line: 3, text, code: 'line-invalid' });
    expect(`${problem?.message} ${problem?.hint}`).toContain(why);
  });
});
