import { redactUrls } from '../http/redact-url.ts';
import type { PastedCommands } from './pasted-commands.ts';

/**
 * Reads a requirements file of pip that holds more than one package a line: hashes, lines that go on, options. Undefined when it holds
 * nothing of that kind: then it is a list of lines already.
 */
export function readRequirementsFile(text: string): PastedCommands | undefined {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\\[ \t]*\r?\n[ \t]*/g, ' ')
    .trimEnd()
    .split(/\r\n?|\n/);
  const pip: string[] = [];
  const leftOut = new Set<string>();
  let hashes = 0;
  for (const line of lines) {
    if (/^\s*-/.test(line)) {
      leftOut.add(redactUrls(line.trim()));
      continue;
    }
    const [requirement, ...options] = line.split(/\s+(?=--[a-z][a-z-]*)/);
    hashes += options.filter((option) => option.startsWith('--hash')).length;
    for (const option of options) if (!option.startsWith('--hash')) leftOut.add(redactUrls(option.trim()));
    pip.push(options.length === 0 ? line.trimEnd() : `${requirement}${commentOf(options.at(-1)!)}`);
  }
  if (leftOut.size === 0 && hashes === 0) return undefined;
  const hashText = hashes === 0 ? [] : [`--hash (${hashes})`];
  return { packages: { apt: [], conda: [], pip }, leftOut: [...leftOut, ...hashText] };
}

function commentOf(option: string): string {
  return /\s+#.*/.exec(option)?.[0] ?? '';
}
