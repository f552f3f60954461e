import { nameOfSpec, type RepodataRecord } from '../repodata/record.ts';
import { Version, VersionSpec } from './rattler.ts';

/**
 * True for records that fit one of the versions that the environment's Python may have. The others can be part of no answer: where the
 * Python stands fixed, that is most of what a channel has, as every release is built for every Python.
 */
export function createPythonFilter(versions: readonly string[]): (record: Pick<RepodataRecord, 'depends'>) => boolean {
  const python = [...new Set(versions)];
  const abi = [...new Set(python.map((version) => version.split('.', 2).join('.')))];
  const known = new Map<string, boolean>();
  const fits = (spec: string): boolean => {
    const found = known.get(spec) ?? matchesOne(spec, nameOfSpec(spec) === 'python' ? python : abi);
    known.set(spec, found);
    return found;
  };
  return ({ depends }) => depends.every((spec) => !/^python(?:_abi)?(?=[\s=<>!~[]|$)/.test(spec) || fits(spec));
}

/** What cannot be read is for the solver to say. */
function matchesOne(spec: string, versions: readonly string[]): boolean {
  const constraint = /^python(?:_abi)?\s+([^\s[]+)/.exec(spec)?.[1];
  if (constraint === undefined) return true;
  try {
    const wanted = new VersionSpec(constraint, 'lenient');
    const matches = versions.some((version) => wanted.matches(new Version(version)));
    wanted.free();
    return matches;
  } catch {
    return true;
  }
}

/** The versions among these that all specs (`python[version="3.12.*"]`) allow. */
export function allowedVersions(versions: readonly string[], specs: readonly string[]): readonly string[] {
  const constraints = specs.flatMap((spec) => /\[version="([^"]+)"/.exec(spec)?.[1] ?? []);
  return constraints.reduce<readonly string[]>((left, constraint) => {
    const wanted = new VersionSpec(constraint, 'lenient');
    const allowed = left.filter((version) => wanted.matches(new Version(version)));
    wanted.free();
    return allowed;
  }, versions);
}
