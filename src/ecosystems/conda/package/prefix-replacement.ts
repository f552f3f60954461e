import { say } from '../../../sentence.ts';
import { PackageFormatError } from './package-format-error.ts';

/** What stands in a package's file in place of the prefix that it will be installed to. */
export interface Placeholder {
  /** As the package was built with: `/home/conda/feedstock_root/…_h_env_placehold_placehold`. */
  readonly text: string;
  readonly mode: 'text' | 'binary';
}

/** Linux cuts a first line there. */
const maxShebangBytes = 127;

/** A text with the prefix in the place of its placeholder, whatever its encoding; a first line that Linux would cut is rewritten. */
export function replaceInText(content: Buffer, placeholder: string, prefix: string): Buffer {
  const replaced = (part: Buffer) =>
    Buffer.from(
      part.toString('latin1').replaceAll(asLatin1(placeholder), () => asLatin1(prefix)),
      'latin1',
    );
  if (content.toString('latin1', 0, 2) !== '#!') return replaced(content);
  const lineEnd = content.indexOf('\n');
  const end = lineEnd < 0 ? content.length : lineEnd;
  return Buffer.concat([
    shortShebang(replaced(content.subarray(0, end)), prefix.includes(' ')),
    replaced(content.subarray(end)),
  ]);
}

/** What an interpreter's line is when it is too long, or its path holds a space: a shell starts Python, and `env` finds the rest by PATH. */
function shortShebang(line: Buffer, isSpaced: boolean): Buffer {
  if (line.length <= maxShebangBytes && !isSpaced) return line;
  const match = /^#! *(\/(?:\\ |[^ \n\r\t])*)(.*)$/s.exec(line.toString('latin1'));
  if (match === null) return line;
  const [, path, options] = match as unknown as readonly [string, string, string];
  const program = path.slice(path.lastIndexOf('/') + 1);
  const isPython = /^python(?:\d+(?:\.\d+)?)?$/.test(program);
  const short = isPython
    ? `#!/bin/sh\n'''exec' "${path}"${options} "$0" "$@" #'''`
    : `#!/usr/bin/env ${program}${options}`;
  return Buffer.from(short, 'latin1');
}

/**
 * Replaces the placeholder inside the C strings of a binary as it passes: what follows it in a string moves up, and NULs fill the rest,
 * so that nothing else moves. Throws `PackageFormatError` when the prefix does not fit.
 */
export function createBinaryReplacement(placeholder: string, prefix: string): BinaryReplacement {
  const [old, replacement] = [Buffer.from(placeholder), Buffer.from(prefix)];
  const padding = old.length - replacement.length;
  if (padding < 0) {
    throw new PackageFormatError(
      say`its programs have room for a prefix of ${old.length} bytes, and "${prefix}" has ${replacement.length}`,
    );
  }
  /** The end of what came, in which a placeholder may begin. */
  let kept: Buffer = Buffer.alloc(0);
  /** NULs that the end of the string owes; 0 outside of a string in which something was replaced. */
  let owed = 0;

  /** Gives what can be told of `bytes`, and keeps the rest. */
  const pass = (bytes: Buffer, isLast: boolean): Buffer[] => {
    const out: Buffer[] = [];
    let at = 0;
    for (;;) {
      const next = bytes.indexOf(old, at);
      const end = next >= 0 ? next : isLast ? bytes.length : Math.max(at, bytes.length - old.length + 1);
      at = pushUpTo(bytes, at, end, out);
      if (next < 0) break;
      out.push(replacement);
      owed += padding;
      at += old.length;
    }
    kept = bytes.subarray(at);
    return out;
  };
  /** Where a string ends that owes NULs, they come first. */
  const pushUpTo = (bytes: Buffer, from: number, end: number, out: Buffer[]): number => {
    const nul = owed > 0 ? bytes.indexOf(0, from) : -1;
    if (nul < 0 || nul >= end) {
      out.push(bytes.subarray(from, end));
      return end;
    }
    out.push(bytes.subarray(from, nul), Buffer.alloc(owed), bytes.subarray(nul, end));
    owed = 0;
    return end;
  };

  return {
    update: (piece) => Buffer.concat(pass(Buffer.concat([kept, piece]), false)),
    end() {
      const out = pass(kept, true);
      return Buffer.concat([...out, Buffer.alloc(owed)]);
    },
  };
}

/** Takes a binary in pieces and gives as many bytes in all as it took. */
export interface BinaryReplacement {
  update(piece: Uint8Array): Buffer;
  end(): Buffer;
}

function asLatin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}
