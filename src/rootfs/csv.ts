/** Rows of a CSV text as Python's `csv` module writes it (RECORD files): fields may be quoted, `""` within quotes is a quote. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  for (const line of quotedLines(text))
    if (line !== '') rows.push(line.includes('"') ? quotedFields(line) : line.split(','));
  return rows;
}

/** Lines that end outside of quotes. */
function quotedLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (!text.includes('"')) return lines;
  const whole: string[] = [];
  let open = false;
  for (const line of lines) {
    if (open) whole.push(`${whole.pop()}\n${line}`);
    else whole.push(line);
    if ((line.match(/"/g)?.length ?? 0) % 2 === 1) open = !open;
  }
  return whole;
}

function quotedFields(line: string): string[] {
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/gy;
  for (let match = pattern.exec(line); match; match = pattern.exec(line)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] === '') break;
  }
  return fields;
}
