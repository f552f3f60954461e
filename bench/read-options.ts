import { parseArgs } from 'node:util';

/** What a bench of contestants is told on its command line. */
export interface BenchOptions {
  readonly rounds: number;
  /** Names of contestants; absent, all take part. */
  readonly only: readonly string[] | undefined;
}

const roundsOption = { rounds: { type: 'string', default: '3' } } as const;

/** Reads `--rounds 5 --only Imagewright`. Throws on anything else: a bench runs for minutes, and should not run for nothing. */
export function readOptions(): BenchOptions {
  const { values } = parseArgs({ options: { ...roundsOption, only: { type: 'string', multiple: true } } });
  return { rounds: countOf(values.rounds), only: values.only };
}

/** Reads `--rounds 5`: how often all is measured, 3 unless told. Throws as above. */
export function readRounds(): number {
  return countOf(parseArgs({ options: roundsOption }).values.rounds);
}

function countOf(text: string): number {
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${text} is no number of rounds`);
  return rounds;
}
