import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';

/*
 * A channel in the shape of conda-forge's: a core of libraries that everything stands on, with hundreds of builds each, and many more
 * packages that few ask for. Every release is built for each Python.
 *
 *     python ◀─ core0 … core399: 300 records each ◀─ app0 … : 30 records each
 */

const pythons = [10, 11, 12, 13];
const coreNames = 400;
const coreRecords = 300;
const appRecords = 30;

/** Writes the repodata of a channel with so many records, as its server would send it. */
export async function writeSyntheticRepodata(file: string, recordCount: number): Promise<void> {
  await pipeline(Readable.from(repodataText(recordCount)), createZstdCompress(), createWriteStream(file));
}

function* repodataText(recordCount: number): Generator<string> {
  yield '{"info":{"subdir":"linux-64"},"packages":{},"packages.conda":{';
  const entries = [...pythonEntries()];
  const apps = Math.floor((recordCount - entries.length - coreNames * coreRecords) / appRecords);
  yield entries.join();
  for (let core = 0; core < coreNames; core++)
    yield `,${packageEntries(`core${core}`, coreRecords, coresBelow(core, 5)).join()}`;
  for (let app = 0; app < apps; app++) yield `,${packageEntries(`app${app}`, appRecords, coresBelow(app, 6)).join()}`;
  yield '},"removed":[],"repodata_version":1}';
}

function* pythonEntries(): Generator<string> {
  for (const minor of pythons)
    for (let patch = 0; patch < 10; patch++)
      yield entry('python', `3.${minor}.${patch}`, 'h0_cpython', ['__glibc >=2.17']);
}

/** Names of some core packages before a number, the same ones in every run. */
function coresBelow(number: number, count: number): readonly string[] {
  const limit = Math.min(number, coreNames);
  if (limit === 0) return [];
  return Array.from(
    { length: Math.min(count, limit) },
    (_, at) => `core${((number + 1) * 7919 + at * 104_729) % limit}`,
  );
}

function packageEntries(name: string, count: number, depends: readonly string[]): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const minor = pythons[at % pythons.length]!;
    const release = Math.floor(at / pythons.length);
    const python = `python >=3.${minor},<3.${minor + 1}.0a0`;
    const needs = depends.map((each) => `${each} >=${Math.floor(release / 10)}.0`);
    return entry(
      name,
      `${Math.floor(release / 4)}.${release % 4}.0`,
      `py3${minor}h${hash(`${name}${at}`).slice(0, 7)}_0`,
      [...needs, python],
    );
  });
}

function entry(name: string, version: string, build: string, depends: readonly string[]): string {
  const filename = `${name}-${version}-${build}.conda`;
  const sha256 = hash(filename);
  const record = {
    ...{ name, version, build, build_number: 0, depends, constrains: [], subdir: 'linux-64' },
    ...{ license: 'BSD-3-Clause', license_family: 'BSD', md5: sha256.slice(0, 32), sha256 },
    ...{ size: Number.parseInt(sha256.slice(0, 6), 16), timestamp: 1_700_000_000_000 },
  };
  return `${JSON.stringify(filename)}:${JSON.stringify(record)}`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
