import { say } from '../../../sentence.ts';
import { PackageFormatError } from './package-format-error.ts';

/** A program that noarch Python brings along as the name of a function. */
export interface EntryPointScript {
  /** Below the prefix: `bin/black`. */
  readonly path: string;
  readonly content: Buffer;
}

/** The name of the program that an entry point asks for. Throws `PackageFormatError`. */
export function entryPointName(entryPoint: string): string {
  return parseEntryPoint(entryPoint).name;
}

/** The script for an entry point `black = black:patched_main`, as conda writes it. Throws `PackageFormatError`. */
export function entryPointScript(entryPoint: string, interpreter: string): EntryPointScript {
  const { name, module, callable } = parseEntryPoint(entryPoint);
  const lines = [
    shebang(interpreter),
    '# -*- coding: utf-8 -*-',
    'import re',
    'import sys',
    '',
    `from ${module} import ${callable.split('.')[0]}`,
    '',
    "if __name__ == '__main__':",
    "    sys.argv[0] = re.sub(r'(-script\\.pyw?|\\.exe)?$', '', sys.argv[0])",
    `    sys.exit(${callable}())`,
    '',
  ];
  return { path: `bin/${name}`, content: Buffer.from(lines.join('\n')) };
}

function parseEntryPoint(text: string): { readonly name: string; readonly module: string; readonly callable: string } {
  const match = /^\s*([^\s=:/\\\x00-\x1f]+)\s*=\s*([\p{L}\p{N}_.]+)\s*:\s*([\p{L}\p{N}_.]+)\s*$/u.exec(text);
  const [, name, module, callable] = match ?? [];
  if (name === undefined || module === undefined || callable === undefined || /^\.{1,2}$|^\.wh\./.test(name)) {
    throw new PackageFormatError(say`its entry point "${text.slice(0, 200)}" is malformed`);
  }
  return { name, module, callable };
}

/** Linux cuts a first line at 127 bytes and splits it at spaces; a shell can start what it cannot. */
function shebang(interpreter: string): string {
  const isSimple = !interpreter.includes(' ') && Buffer.byteLength(interpreter) + 2 <= 127;
  return isSimple ? `#!${interpreter}` : `#!/bin/sh\n'''exec' "${interpreter}" "$0" "$@" #'''`;
}
