import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPython } from '../../../../test/build-python.ts';
import { makeSdist } from '../../../../test/make-sdist.ts';
import { type PackageIndex, startPackageIndex } from '../../../../test/package-index.ts';
import { BuilderError } from '../../../errors.ts';
import { createHttpClient } from '../../../http/create-http-client.ts';
import { say } from '../../../sentence.ts';
import { toPackageLines } from '../../../spec/package-lines.ts';
import { readRequirementLine } from '../requirement-line.ts';
import type { SolverSettings } from '../solve-lines.ts';
import { defaultUvPath } from '../uv.ts';
import type { RequirementLine } from '../uv-failure.ts';
import { askDirectSources } from './direct-sources.ts';
import type { InspectedSdist, SourceArchive } from './inspect-sdist.ts';
import { createSdistCandidates } from './sdist-candidates.ts';
import type { SdistRelease } from './sdist-releases.ts';
import { solveWithSource } from './solve-with-source.ts';

let index: PackageIndex;
let cacheDir: string;
beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'source-'));
  index = await startPackageIndex([
    { name: 'lib' },
    { name: 'lib', version: '2.0' },
    { name: 'sheet', requires: ['deep; extra == "all"'], extras: ['all'] },
    { name: 'half', version: '1.0' },
    makeSdist({ name: 'half', version: '2.0' }),
    ...['1.0', '2.0', '3.0rc1'].map((version) => makeSdist({ name: 'thing', version })),
    makeSdist({ name: 'deep' }),
    makeSdist({ name: 'broken' }),
    makeSdist({ name: 'sklearn' }),
    { name: 'speaker', version: '0.5' },
    { name: 'speaker', version: '0.9', requires: ['deep'] },
  ]);
});
afterAll(async () => {
  await index.close();
  await rm(cacheDir, { recursive: true, force: true });
});

/** What each source says that it needs. */
const needs: Readonly<Record<string, readonly string[]>> = {
  'thing 2.0': ['lib<2', 'deep'],
  'thing 1.0': ['lib', 'deep'],
  'deep 1.0': ['lib>=1'],
};

async function solve(typed: string, { canInspect = true, canBuild = true } = {}) {
  const lines = toPackageLines(typed, 'packages.pip').lines.map((line): RequirementLine => {
    const read = readRequirementLine(line);
    if ('problem' in read) throw new Error(read.problem.message);
    return { line, requirement: read.requirement };
  });
  const settings: SolverSettings = {
    uv: defaultUvPath,
    cacheDir,
    env: { PATH: process.env.PATH!, UV_DEFAULT_INDEX: index.url, UV_HTTP_RETRIES: '0' },
    searchMs: 15_000,
    timeoutMs: 60_000,
    mainIndex: async () => index.url,
  };
  const python = buildPython();
  const installed = new Map();
  const { signal } = new AbortController();
  const http = createHttpClient({ env: {} });
  const indexes = { default: index.url, extra: [] };
  const sdists = createSdistCandidates({ http, indexes, mainIndex: index.url, python, installed, signal });
  const asked: string[] = [];
  let underWay = 0;
  let atOnce = 0;
  const inspect = async (release: SdistRelease): Promise<InspectedSdist> => {
    const title = `${release.name} ${release.version}`;
    asked.push(title);
    atOnce = Math.max(atOnce, ++underWay);
    await setImmediate();
    underWay -= 1;
    if (['broken', 'sklearn'].includes(release.name))
      throw new BuilderError('build-failed', say`${title} cannot be built`);
    const file = { filename: release.file.filename, url: release.file.url, sha256: '', sizeBytes: 0 };
    return { release, file, requires: needs[title] ?? [], buildRequires: [] };
  };
  const inspectArchive = async ({ name, file }: SourceArchive): Promise<InspectedSdist> => {
    asked.push(file.url);
    if (name === 'broken') throw new BuilderError('build-failed', say`broken cannot be built`);
    const release = { name, version: '9.0', file };
    return { release, file: { ...file, sha256: '', sizeBytes: 0 }, requires: ['lib<2'], buildRequires: [] };
  };
  const missing = canBuild ? undefined : 'no buildah';
  const direct = await askDirectSources(lines, { sdists, inspect: inspectArchive, missing, signal });
  const target = { python, platform: 'x86_64-manylinux_2_36', installed, ...(canBuild && { sdists }) };
  const { packages, problems, notices } = await solveWithSource(direct.lines, target, {
    settings,
    fresh: false,
    signal,
    sourceOf: ({ name, version }) => sdists.find(name, version),
    inspect: canInspect ? inspect : undefined,
  });
  return {
    packages: packages.map(({ name, version }) => `${name} ${version}`),
    problems: [...direct.problems, ...problems].map(
      ({ line, message, hint }) => `${line}: ${message}${hint ? ` ${hint}` : ''}`,
    ),
    asked,
    notices,
    atOnce,
  };
}

describe('solveWithSource', () => {
  it('asks the source that is taken what it needs, down to the bottom', async () => {
    expect(await solve('thing')).toMatchObject({
      packages: ['deep 1.0', 'lib 1.0', 'thing 2.0'],
      problems: [],
      asked: ['thing 2.0', 'deep 1.0'],
      notices: [],
    });
  });

  it('takes another version when what the newest needs does not go with the rest', async () => {
    expect(await solve('thing\nlib>=2')).toMatchObject({
      packages: ['deep 1.0', 'lib 2.0', 'thing 1.0'],
      problems: [],
      asked: ['thing 2.0', 'thing 1.0', 'deep 1.0'],
      notices: [],
    });
  });

  it('prefers a wheel, though there is newer source', async () => {
    expect(await solve('half')).toMatchObject({ packages: ['half 1.0'], asked: [] });
    expect(await solve('half>=2')).toMatchObject({ packages: ['half 2.0'], asked: ['half 2.0'] });
  });

  it('does not fall back on a version of old that can do without', async () => {
    expect(await solve('speaker')).toMatchObject({ packages: ['deep 1.0', 'lib 2.0', 'speaker 0.9'] });
    expect(await solve('speaker', { canBuild: false })).toMatchObject({
      packages: ['speaker 0.5'],
      notices: [expect.stringMatching(/^deep is wanted by newer versions/)],
    });
  });

  it('finds what only an extra needs', async () => {
    expect(await solve('sheet[all]')).toMatchObject({ packages: ['deep 1.0', 'lib 2.0', 'sheet 1.0'] });
  });

  it('asks those that are taken together at once', async () => {
    expect(await solve('thing<2\ndeep')).toMatchObject({ asked: ['deep 1.0', 'thing 1.0'], atOnce: 2, problems: [] });
  });

  it('tells at its line what cannot be built, and what was probably meant', async () => {
    expect((await solve('lib\nbroken\n\nsklearn')).problems).toEqual([
      '2: broken 1.0 cannot be built',
      '4: sklearn 1.0 cannot be built Did you mean scikit-learn?',
    ]);
  });

  it('keeps to what the solver says where nothing can be asked', async () => {
    expect(await solve('thing', { canInspect: false })).toMatchObject({ packages: ['thing 2.0'], asked: [] });
    expect((await solve('thing>7\nnowhere-at-all')).problems.sort()).toEqual([
      expect.stringMatching(/^1: /),
      expect.stringMatching(/^2: .*nowhere-at-all/),
    ]);
  });

  it('takes the source that a line names by URL, whatever the index has of the package', async () => {
    const url = 'https://example.com/archive/main.tar.gz';
    expect(await solve(`half @ ${url}`)).toMatchObject({ packages: ['half 9.0', 'lib 1.0'], asked: [url] });
    expect(await solve(`sheet[all] @ ${url}#sha256=${'a'.repeat(64)}`)).toMatchObject({
      packages: ['lib 1.0', 'sheet 9.0'],
      asked: [url],
    });
    expect((await solve(`half @ ${url}\nlib>=2`)).problems).toEqual([
      expect.stringMatching(/half.=9\.0 depends on lib<2/),
      expect.stringMatching(/half.=9\.0 depends on lib<2/),
    ]);
    expect((await solve(`lib\nbroken @ ${url}`)).problems).toEqual(['2: broken cannot be built']);
    expect((await solve(`half @ ${url}`, { canBuild: false })).problems).toEqual([
      expect.stringMatching(/^1: .*no buildah/),
    ]);
  });
});
