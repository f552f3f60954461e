import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { resolve } from 'node:path';
import type { Sample } from './run.ts';

const page = resolve(import.meta.dirname, 'README.md');
const begin = '<!-- last run -->';
const end = '<!-- end of last run -->';

/** A Markdown table: a row a scenario, and for each contestant median time, ratio to ours, bytes sent, peak memory. */
export function reportTable(samples: readonly Sample[]): string {
  const contestants = [...new Set(samples.map((sample) => sample.contestant))];
  const scenarios = [...new Set(samples.map((sample) => sample.scenario))];
  const head = [
    'Scenario',
    ...contestants.flatMap((name, i) => [name, ...(i === 0 ? [] : ['× ours']), 'sent', 'peak memory']),
  ];
  const rows = scenarios.map((scenario) => {
    const of = (contestant: string) =>
      samples.filter((each) => each.contestant === contestant && each.scenario === scenario);
    const ours = median(of(contestants[0]!).map(({ seconds }) => seconds));
    return [
      scenario,
      ...contestants.flatMap((contestant, i) => {
        const found = of(contestant);
        const seconds = median(found.map((each) => each.seconds));
        return [
          `${seconds.toFixed(2)} s`,
          ...(i === 0 ? [] : [`${(seconds / ours).toFixed(1)}`]),
          `${(median(found.map((each) => each.sentBytes)) / 1e6).toFixed(2)} MB`,
          `${Math.round(median(found.map((each) => each.peakBytes)) / 1e6)} MB`,
        ];
      }),
    ];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Puts the table of this run in the place of the last one in `bench/README.md`. */
export async function writeReport(samples: readonly Sample[], { rounds }: { readonly rounds: number }): Promise<void> {
  const text = await readFile(page, 'utf8');
  const when = new Date().toISOString().slice(0, 10);
  const machine = `${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const caption = `${when}, ${machine}, Node ${process.version}, medians of ${rounds} rounds in which the contestants took turns.`;
  const [head] = text.split(begin);
  const [, tail] = text.split(end);
  await writeFile(page, `${head}${begin}\n\n${caption}\n\n${reportTable(samples)}\n\n${end}${tail ?? '\n'}`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
