/** The part of core metadata (packaging.python.org, "Core metadata specifications") that tells what a distribution is. */
export interface CoreMetadata {
  readonly name?: string;
  readonly version?: string;
  /** `Requires-Dist` lines. */
  readonly requires: readonly string[];
}

/** Reads the header fields of METADATA or PKG-INFO; what is malformed is passed over, as installed files were never checked by anyone. */
export function parseCoreMetadata(text: string): CoreMetadata {
  const fields = headerFields(text);
  const first = (name: string) => fields.find((field) => field.name === name)?.value;
  const name = first('name');
  const version = first('version');
  return {
    ...(name && { name }),
    ...(version && { version }),
    requires: fields.filter((field) => field.name === 'requires-dist').map((field) => field.value),
  };
}

function headerFields(text: string): { name: string; value: string }[] {
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const unfolded = text.slice(0, end).replace(/\r?\n[ \t]+/g, ' ');
  return unfolded.split(/\r?\n/).flatMap((line) => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [{ name: line.slice(0, colon).toLowerCase(), value: line.slice(colon + 1).trim() }];
  });
}

/** The `requires.txt` of an egg as `Requires-Dist` lines: sections are `[extra]`, `[extra:marker]` or `[:marker]`. */
export function parseEggRequires(text: string): string[] {
  let marker = '';
  const requires: string[] = [];
  for (const line of text.split(/\r?\n/).map((each) => each.trim())) {
    const section = /^\[([^:\]]*)(?::(.*))?\]$/.exec(line);
    if (section) {
      const [, extra, condition] = section;
      const parts = [...(condition ? [`(${condition})`] : []), ...(extra ? [`extra == "${extra}"`] : [])];
      marker = parts.length > 0 ? `; ${parts.join(' and ')}` : '';
    } else if (line !== '') requires.push(marker !== '' && line.includes('@') ? `${line} ${marker}` : line + marker);
  }
  return requires;
}
