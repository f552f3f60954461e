import { useState } from 'react';
import { type PackageKind, type PackageTexts, packageKinds, withLines } from './draft.ts';
import { isWorthReading, type PastedLines, plainLines, readPastedLines } from './pasted-lines.ts';

/** What was pasted, dropped or opened, and is in the lists now; or the file that is not. */
export type Taken = PastedLines | { readonly source: 'unreadable'; readonly file: string };

interface TakenLinesOptions {
  /** The list that somebody looks at: what says not where it belongs goes there. */
  readonly shown: PackageKind;
  readonly onChange: (change: (before: PackageTexts) => PackageTexts) => void;
}

const maxFileBytes = 1_000_000;

/** Takes commands and whole files into the lists of packages, and tells what became of them. */
export function useTakenLines({ shown, onChange }: TakenLinesOptions) {
  const [taken, setTaken] = useState<Taken>();
  const take = (lines: PastedLines) => {
    onChange((before) => {
      const entries = packageKinds.map((kind) => [kind, withLines(before[kind], lines.packages[kind])]);
      return Object.fromEntries(entries) as PackageTexts;
    });
    setTaken(lines);
  };
  const takeText = (text: string): boolean => {
    if (!isWorthReading(text, shown)) return false;
    void readPastedLines(text, shown).then((read) => take(read ?? plainLines(text, shown)));
    return true;
  };
  const takeFiles = async (files: readonly File[]) => {
    for (const file of files) {
      const text = await textOf(file);
      if (text === undefined) return setTaken({ source: 'unreadable', file: file.name });
      const kind = kindOf(file.name) ?? shown;
      take({ ...((await readPastedLines(text, kind)) ?? plainLines(text, kind)), file: file.name });
    }
  };
  return { taken, dismiss: () => setTaken(undefined), takeText, takeFiles };
}

/** The text of a file; `undefined` where it is none, or longer than a list may be. */
async function textOf(file: File): Promise<string | undefined> {
  if (file.size > maxFileBytes) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** `requirements-dev.txt` is pip's, `apt.txt` is apt's. */
function kindOf(name: string): PackageKind | undefined {
  if (/requirements|constraints/i.test(name)) return 'pip';
  if (/^(?:apt|packages)\b.*\.txt$/i.test(name)) return 'apt';
  return undefined;
}
