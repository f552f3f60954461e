import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BuilderError } from '../../../errors.ts';
import { boundedBy, maxUnpackedBytes } from '../../../image/import/unpacked-limit.ts';
import { isObject } from '../../../oci/manifest.ts';
import { readTar } from '../../../rootfs/tar-reader.ts';
import type { Sentence } from '../../../sentence.ts';
import { say } from '../../../sentence.ts';
import { openZipArchive } from '../../archives/zip-archive.ts';
import { formatRequirement, parseRequirement } from '../requirement.ts';

/** How a source archive is built (PEP 517, PEP 518). */
export interface BuildSystem {
  /** `setuptools.build_meta`, `module:object` */
  readonly backend: string;
  /** Directories of the source in which the backend is looked for. */
  readonly backendPath: readonly string[];
  /** What has to stand beside Python for the backend to be asked anything: canonical requirements. */
  readonly requires: readonly string[];
}

/** What pip does for a source that says nothing. */
const legacy = { backend: 'setuptools.build_meta:__legacy__', backendPath: [], requires: ['setuptools>=40.8.0'] };

const maxProjectBytes = 1024 * 1024;

/** Reads a source archive's pyproject.toml. Throws `package-corrupt`. */
export async function readBuildSystem(file: string, filename: string): Promise<BuildSystem> {
  const title = `The source archive ${filename}`;
  const text = filename.endsWith('.zip') ? projectInZip(file, title) : await projectInTar(file, title);
  return text === undefined ? legacy : parseBuildSystem(text, title);
}

const projectFile = /^(?:\.\/)?[^/]+\/pyproject\.toml$/;

async function projectInTar(file: string, title: string): Promise<string | undefined> {
  const unpacked = pipeline(createReadStream(file), createGunzip(), () => {});
  try {
    for await (const { header, read } of readTar(boundedBy(unpacked, maxUnpackedBytes), {
      errorCode: 'package-corrupt',
    })) {
      if (header.type !== 'file' || !projectFile.test(header.path)) continue;
      if (header.sizeBytes > maxProjectBytes) throw corrupt(title, say`its pyproject.toml is too large`);
      return (await read(header.sizeBytes)).toString('utf8');
    }
    return undefined;
  } catch (error) {
    if (error instanceof BuilderError) throw error;
    throw corrupt(title, say`it is not a gzipped tar archive`, error);
  } finally {
    unpacked.destroy();
  }
}

function projectInZip(file: string, title: string): string | undefined {
  using archive = openZipArchive(file, title);
  const member = archive.members.find(({ name }) => projectFile.test(name));
  return member === undefined ? undefined : archive.read(member, maxProjectBytes).toString('utf8');
}

async function parseBuildSystem(text: string, title: string): Promise<BuildSystem> {
  const { parse } = await import('smol-toml');
  let project: Record<string, unknown>;
  try {
    project = parse(text);
  } catch (error) {
    throw corrupt(title, say`its pyproject.toml is not TOML`, error);
  }
  const system = project['build-system'];
  if (system === undefined) return legacy;
  if (!isObject(system) || !isTexts(system.requires))
    throw corrupt(title, say`its pyproject.toml has no valid [build-system]`);
  const { 'build-backend': backend = legacy.backend, 'backend-path': backendPath = [] } = system;
  if (typeof backend !== 'string' || !/^[\w.]+(?::[\w.]+)?$/.test(backend) || !isTexts(backendPath)) {
    throw corrupt(title, say`its pyproject.toml has no valid [build-system]`);
  }
  return { backend, backendPath, requires: buildRequirements(system.requires, title) };
}

/** Requirements that a source states, as those that may be asked for: by name, from the package indexes. Throws `package-corrupt`. */
export function buildRequirements(texts: readonly string[], title: string): readonly string[] {
  return texts.map((text) => {
    const answer = parseRequirement(text);
    if ('fault' in answer) throw corrupt(title, say`"${text.slice(0, 100)}" is no requirement of its build`);
    if (answer.requirement.url !== undefined)
      throw corrupt(title, say`its build requires "${text.slice(0, 100)}" by URL`);
    return formatRequirement(answer.requirement);
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 200 && value.every((item) => typeof item === 'string');
}

function corrupt(title: string, why: Sentence, cause?: unknown): BuilderError {
  return new BuilderError('package-corrupt', say`${title} cannot be built: ${why}`, {
    cause,
    hint: say`Take another version of the package, or tell its makers.`,
  });
}
