import { formatTable } from './kept-table.ts';
import type { Sample } from './run-rounds.ts';

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
          sentBy(found),
          `${Math.round(median(found.map((each) => each.peakBytes)) / 1e6)} MB`,
        ];
      }),
    ];
  });
  return formatTable(head, rows);
}

function sentBy(samples: readonly Sample[]): string {
  const counted = samples.flatMap(({ sentBytes }) => (sentBytes === undefined ? [] : [sentBytes]));
  return counted.length === 0 ? 'not counted' : `${(median(counted) / 1e6).toFixed(2)} MB`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
