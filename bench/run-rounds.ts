import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBase } from '../test/bases/make-base.ts';
import { pushLayout } from '../test/bases/push-layout.ts';
import type { BaseName } from '../test/bases/recipes.ts';
import { startDockerRegistry } from '../test/docker-registry.ts';
import type { ContestantKind } from './contestant.ts';
import { startCountingRelay } from './counting-relay.ts';
import { type Measurement, measure } from './measure.ts';
import type { Scenario } from './scenarios.ts';

/** One scenario of one contestant in one round. */
export interface Sample extends Measurement {
  readonly contestant: string;
  readonly scenario: string;
  /** Absent where nobody counted. */
  readonly sentBytes: number | undefined;
}

export interface RoundsOptions {
  readonly kinds: readonly ContestantKind[];
  /** Names of those that take part; all unless told. */
  readonly only?: readonly string[] | undefined;
  readonly scenarios: readonly Scenario[];
  readonly rounds: number;
  /** What images stand on; a Debian 12 with Python unless told. */
  readonly baseName?: BaseName;
}

/** Lets the contestants that can run here take turns, so that what else the machine does meets all of them. */
export async function runRounds({
  kinds,
  only,
  scenarios,
  rounds,
  baseName = 'debian12',
}: RoundsOptions): Promise<readonly Sample[]> {
  const found = await available(kinds, only);
  const layout = await makeBase(baseName);
  const samples: Sample[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const kind of found) samples.push(...(await runScenarios(kind, { layout, baseName, scenarios, round })));
  }
  return samples;
}

async function available(
  kinds: readonly ContestantKind[],
  only: readonly string[] | undefined,
): Promise<ContestantKind[]> {
  const unknown = only?.filter((name) => !kinds.some((kind) => kind.name === name)) ?? [];
  if (unknown.length > 0) {
    const names = kinds.map(({ name }) => name).join(', ');
    throw new Error(`There is no contestant ${unknown.join(', ')}; there are ${names}`);
  }
  const found: ContestantKind[] = [];
  for (const kind of kinds) {
    if (only !== undefined && !only.includes(kind.name)) continue;
    const missing = await kind.missing();
    if (missing !== undefined) console.log(`Without ${kind.name}: ${missing}.`);
    else found.push(kind);
  }
  return found;
}

interface Round {
  /** Directory of an OCI layout. */
  readonly layout: string;
  readonly baseName: BaseName;
  readonly scenarios: readonly Scenario[];
  readonly round: number;
}

/** All scenarios in order, from nothing cached, with a registry that holds only the base. */
async function runScenarios(kind: ContestantKind, { layout, baseName, scenarios, round }: Round): Promise<Sample[]> {
  const base = `base/${baseName}`;
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-bench-'));
  try {
    await using registry = await startDockerRegistry();
    await using relay = await startCountingRelay(registry.host);
    await pushLayout(layout, `${registry.host}/${base}:latest`);
    await using contestant = await kind.open(directory, relay.host);
    const found: Sample[] = [];
    for (const { name, ...wanted } of scenarios) {
      await relay.takeSentBytes();
      const build = { registry: relay.host, base, ...wanted };
      const measured = await measure(() => contestant.build(build), contestant.pids);
      const sentBytes = await relay.takeSentBytes();
      console.log(
        `round ${round}  ${kind.name.padEnd(18)} ${name.padEnd(30)} ${measured.seconds.toFixed(2).padStart(7)} s`,
      );
      found.push({ contestant: kind.name, scenario: name, ...measured, sentBytes });
    }
    return found;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
