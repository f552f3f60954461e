import { say } from '../../sentence.ts';
import { type EntryPoint, parseEntryPoints } from './entry-points.ts';
import { WheelFormatError } from './wheel-format-error.ts';

/** A program that an entry point asks for. */
export interface Launcher {
  /** File name in the scripts directory: `black`. */
  readonly name: string;
  readonly content: Buffer;
}

export interface ScriptTarget {
  /** Interpreter of the image: `/usr/bin/python3`. */
  readonly executable: string;
  /** Its version: `3.11.2`. */
  readonly version: string;
}

/** The console and GUI scripts of a wheel's `entry_points.txt`. */
export interface ScriptEntryPoints {
  readonly console: readonly EntryPoint[];
  readonly gui: readonly EntryPoint[];
}

export function scriptEntryPoints(text: string): ScriptEntryPoints {
  const points = parseEntryPoints(text);
  const ofGroup = (group: string) => points.filter((point) => point.group === group);
  return { console: ofGroup('console_scripts'), gui: ofGroup('gui_scripts') };
}

/** The launchers that pip makes of them. Throws `WheelFormatError` that says what is wrong with an entry point. */
export function launchersOf(points: ScriptEntryPoints, target: ScriptTarget): Launcher[] {
  const launchers = new Map<string, Launcher>();
  for (const { name, value } of [...withVersionedNames(points.console, target.version), ...points.gui]) {
    launchers.set(name, { name, content: launcher(name, value, target.executable) });
  }
  return [...launchers.values()];
}

/**
 * The wheels of pip and (long ago) setuptools name scripts after the Python that they were built with; pip names them after the one
 * they are installed for.
 */
function withVersionedNames(points: readonly EntryPoint[], version: string): EntryPoint[] {
  const [major, minor] = version.split('.');
  const named = new Map(points.map((point) => [point.name, point]));
  const made: EntryPoint[] = [];
  const replace = (name: string, names: readonly string[], stale: RegExp) => {
    const point = named.get(name);
    if (point === undefined || point.value === '') return;
    made.push(...names.map((each) => ({ ...point, name: each })));
    for (const each of [...named.keys()]) if (stale.test(each)) named.delete(each);
  };
  replace('pip', ['pip', `pip${major}`, `pip${major}.${minor}`], /^pip(\d+(\.\d+)?)?$/);
  replace('easy_install', ['easy_install', `easy_install-${major}.${minor}`], /^easy_install(-\d+\.\d+)?$/);
  return [...made, ...named.values()];
}

/** The text of a launcher, byte by byte what pip 26 writes. */
function launcher(name: string, value: string, executable: string): Buffer {
  checkScriptName(name);
  const match =
    /^([\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*)(?::([\p{L}\p{N}_]+(?:\.[\p{L}\p{N}_]+)*))?\s*(?:\[[^\]]*\])?$/u.exec(value);
  if (match === null) throw new WheelFormatError(say`the entry point "${name} = ${value}" is malformed`);
  const [, module, callable] = match;
  if (callable === undefined) throw new WheelFormatError(say`the entry point "${name} = ${value}" names no function`);
  return Buffer.from(
    [
      shebang(executable),
      'import sys',
      `from ${module} import ${callable.split('.')[0]}`,
      "if __name__ == '__main__':",
      "    sys.argv[0] = sys.argv[0].removesuffix('.exe')",
      `    sys.exit(${callable}())`,
      '',
    ].join('\n'),
  );
}

/** Refuses names that lead out of the scripts directory. */
function checkScriptName(name: string): void {
  const isPlain = /^[^\s/\\\x00-\x1f[]+$/.test(name) && name !== '.' && name !== '..' && !name.startsWith('.wh.');
  if (!isPlain || Buffer.byteLength(name) > 255) throw new WheelFormatError(say`"${name}" cannot be a script's name`);
  checkNotInterpreter(name);
}

/** Refuses a script that would take the interpreter's place. Throws `WheelFormatError`. */
export function checkNotInterpreter(name: string): void {
  if (/^pythonw?(?:\d+(?:\.\d+)*t?)?$/i.test(name)) {
    throw new WheelFormatError(say`its script "${name}" would replace the interpreter`);
  }
}

/** Linux cuts a first line at 127 bytes and splits it at spaces; a shell can start what it cannot. */
function shebang(executable: string): string {
  const isSimple = !executable.includes(' ') && Buffer.byteLength(executable) + 3 <= 127;
  if (isSimple) return `#!${executable}`;
  const quoted = executable.includes(' ') ? `"${executable}"` : executable;
  return `#!/bin/sh\n'''exec' ${quoted} "$0" "$@"\n' '''`;
}

const placeholder = Buffer.from('#!python');

/** True when a script begins with the line that stands for the interpreter's, `#!python` or `#!pythonw`. */
export function hasPlaceholder(start: Uint8Array): boolean {
  return placeholder.equals(start.subarray(0, placeholder.length));
}

/** The script with the interpreter's path in its first line, as pip writes it. */
export function withInterpreter(script: Buffer, executable: string): Buffer {
  const end = script.indexOf('\n');
  return Buffer.concat([Buffer.from(`#!${executable}\n`), end < 0 ? Buffer.alloc(0) : script.subarray(end + 1)]);
}

/**
 * True for a script file that setuptools made for one of the entry points (`black`, `black-script.py`, `black.exe`); the launcher
 * takes its place.
 */
export function isWrapper(fileName: string, points: ScriptEntryPoints): boolean {
  const lower = fileName.toLowerCase();
  const suffix = ['.exe', '-script.py', '.pya'].find((each) => lower.endsWith(each)) ?? '';
  const name = fileName.slice(0, fileName.length - suffix.length);
  return [...points.console, ...points.gui].some((point) => point.name === name);
}
