import { posix } from 'node:path';
import type { LockedPython } from '../../lock/lock.ts';
import type { ZipArchive, ZipMember } from '../archives/zip-archive.ts';
import type { WheelFile } from './wheel-files.ts';

/** Bytecode of a module, as it is installed. */
export interface BytecodeFile {
  /** Of the archive that holds the bytecode. */
  readonly member: ZipMember;
  /** `/usr/local/lib/python3.11/site-packages/six/__pycache__/__init__.cpython-311.pyc` */
  readonly path: string;
  readonly recordPath: string;
}

/** The files of a wheel that are imported, and so are compiled; scripts are run. */
export function modulesAmong(files: readonly WheelFile[]): readonly WheelFile[] {
  return files.filter(({ path, isScript }) => path.endsWith('.py') && !isScript);
}

/** Where the bytecode in an archive goes (PEP 3147); what a wheel brings along compiled stays as it is. */
export function bytecodeFiles(archive: ZipArchive, files: readonly WheelFile[], tag: string): readonly BytecodeFile[] {
  const members = new Map(archive.members.map((member) => [member.name, member]));
  const taken = new Set(files.map(({ path }) => path));
  return modulesAmong(files).flatMap(({ member: module, path, recordPath }) => {
    const member = members.get(module.name);
    const compiled = { path: compiledPath(path, tag), recordPath: compiledPath(recordPath, tag) };
    return member === undefined || taken.has(compiled.path) ? [] : [{ member, ...compiled }];
  });
}

function compiledPath(path: string, tag: string): string {
  const { dir, name } = posix.parse(path);
  return posix.join(dir, '__pycache__', `${name}.${tag}.pyc`);
}

/** `cpython-311` (PEP 3147). */
export function cacheTagOf({ version }: Pick<LockedPython, 'version'>): string {
  return `cpython-${version.split('.').slice(0, 2).join('')}`;
}
