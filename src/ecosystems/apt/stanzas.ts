/** A paragraph of a Debian control file, deb822(5): values by field, continuation lines joined with line breaks. */
export type Stanza = ReadonlyMap<string, string>;

/** Reads the paragraphs of a control file; what is no field is passed over. Field names in lower case. */
export function parseStanzas(text: string): Stanza[] {
  return text
    .split(/\n[ \t]*\n/)
    .map(parseStanza)
    .filter((stanza) => stanza.size > 0);
}

function parseStanza(text: string): Stanza {
  const fields = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.split('\n')) {
    const match = /^([!-9;-~]+):[ \t]*(.*)$/.exec(line);
    if (match !== null) {
      last = match[1]!.toLowerCase();
      fields.set(last, match[2]!.trimEnd());
    } else if (last !== undefined && /^[ \t]/.test(line)) fields.set(last, `${fields.get(last)}\n${line.trim()}`);
  }
  return fields;
}

/** Names in a relationship field (policy 7.1): `libc6 (>= 2.34), a | b:any` gives libc6, a, b. */
export function namesIn(field: string | undefined): string[] {
  return (field ?? '')
    .split(/[,|]/)
    .map((part) => part.trim().split(/[\s(:[]/, 1)[0]!)
    .filter((name) => name !== '');
}
