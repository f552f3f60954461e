/** One line of `entry_points.txt`: `black = black:patched_main [d]`. */
export interface EntryPoint {
  readonly group: string;
  readonly name: string;
  /** As written: `black:patched_main [d]`. */
  readonly value: string;
}

/** Reads `entry_points.txt`, packaging.python.org "Entry points specification"; where a name stands twice in a group the later counts. */
export function parseEntryPoints(text: string): EntryPoint[] {
  const points = new Map<string, EntryPoint>();
  let group = '';
  for (const line of text.split(/\r\n|\n|\r/).map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(.*)\]$/.exec(line);
    if (header) {
      group = header[1]!.trim();
      continue;
    }
    const equals = line.indexOf('=');
    if (equals < 0) continue;
    const name = line.slice(0, equals).trim();
    points.set(`${group}\0${name}`, { group, name, value: line.slice(equals + 1).trim() });
  }
  return [...points.values()];
}
