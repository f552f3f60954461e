import { readCondaEnvironment } from '../../../spec/conda-environment.ts';
import { readCondaLock, readExplicitLock } from '../../../spec/conda-lock-files.ts';
import { type PastedCommands, readPastedCommands } from '../../../spec/pasted-commands.ts';
import { readRequirementsFile } from '../../../spec/requirements-file.ts';
import type { PackageKind } from './draft.ts';

/** What a text that was pasted, dropped or opened turned out to be. */
export interface PastedLines extends PastedCommands {
  readonly source: 'commands' | 'environment' | 'condaLock' | 'requirements' | 'lines';
  /** `requirements.txt` */
  readonly file?: string;
}

/** Whether a text may be more than lines of that kind, so that it is to be read before it goes in. */
export function isWorthReading(text: string, kind: PackageKind): boolean {
  return (
    /^(?:dependencies|package)[ \t]*:|^@EXPLICIT\s*$/m.test(text) ||
    readPastedCommands(text) !== undefined ||
    (kind === 'pip' && readRequirementsFile(text) !== undefined)
  );
}

/** Reads commands that install packages, an `environment.yml`, a lock file of conda, or a requirements file of pip with options; `undefined` for a plain list. */
export async function readPastedLines(text: string, kind: PackageKind): Promise<PastedLines | undefined> {
  const environment = await readCondaEnvironment(text);
  if (environment !== undefined) return { ...environment, source: 'environment' };
  const lock = readExplicitLock(text) ?? (await readCondaLock(text));
  if (lock !== undefined) return { ...lock, source: 'condaLock' };
  const commands = readPastedCommands(text);
  if (commands !== undefined) return { ...commands, source: 'commands' };
  const requirements = kind === 'pip' ? readRequirementsFile(text) : undefined;
  return requirements && { ...requirements, source: 'requirements' };
}

/** A text that is a list of that kind already. */
export function plainLines(text: string, kind: PackageKind): PastedLines {
  const lines = text
    .replace(/^\uFEFF/, '')
    .trimEnd()
    .split(/\r\n?|\n/);
  return { packages: { apt: [], conda: [], pip: [], [kind]: lines }, leftOut: [], source: 'lines' };
}
