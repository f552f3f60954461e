import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';

const page = resolve(import.meta.dirname, 'README.md');

/** A table in Markdown. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/**
 * Prints the tables of a run and puts them into `bench/README.md`, with the day and the machine, in the place of that bench's last ones: between
 * `<!-- last run: lists -->` and `<!-- end of last run: lists -->`.
 */
export async function keepTables(
  bench: string,
  tables: readonly string[],
  { note = '' }: { readonly note?: string } = {},
): Promise<void> {
  const when = new Date().toISOString().slice(0, 10);
  const machine = `${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const caption = `${when}, ${machine}, Node ${process.version}${note === '' ? '' : `, ${note}`}.`;
  const shown = [caption, ...tables].join('\n\n');
  console.log(shown);
  const [begin, end] = [`<!-- last run: ${bench} -->`, `<!-- end of last run: ${bench} -->`];
  const text = await readFile(page, 'utf8');
  const [head, rest] = text.split(begin);
  const tail = rest?.split(end)[1];
  if (head === undefined || tail === undefined) throw new Error(`${page} has no place for the bench "${bench}"`);
  await writeFile(page, `${head}${begin}\n\n${shown}\n\n${end}${tail}`);
}
