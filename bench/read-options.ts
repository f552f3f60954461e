import { parseArgs } from 'node:util';

/** What a bench of several contestants is told on its command line. */
export interface BenchOptions {
  /** How often all of them are measured, 3 unless told. */
  readonly rounds: number;
  /** Names of contestants; absent, all take part. */
  readonly only: readonly string[] | undefined;
}

/** Reads `--rounds 5 --only Imagewright`. Throws on anything else: a bench runs for minutes, and should not run for nothing. */
export function readOptions(): BenchOptions {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', multiple: true } },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds} is no number of rounds`);
  return { rounds, only: values.only };
}
