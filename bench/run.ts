import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeBase } from '../test/bases/make-base.ts';
import { pushLayout } from '../test/bases/push-layout.ts';
import { startDockerRegistry } from '../test/docker-registry.ts';
import type { ContestantKind } from './contestant.ts';
import { buildah } from './contestants/buildah.ts';
import { buildkit, buildkitZstd } from './contestants/buildkit.ts';
import { imagewright, imagewrightGzip } from './contestants/imagewright.ts';
import { imagewrightService } from './contestants/imagewright-service.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { keepTables } from './kept-table.ts';
import { type Measurement, measure } from './measure.ts';
import { reportTable } from './report.ts';
import { scenarios } from './scenarios.ts';

/** One scenario of one contestant in one round. */
export interface Sample extends Measurement {
  readonly contestant: string;
  readonly scenario: string;
  readonly sentBytes: number;
}

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', multiple: true } },
});
const rounds = Number(values.rounds);

const kinds = await available([imagewright, imagewrightGzip, imagewrightService, buildah, buildkit, buildkitZstd]);
const base = await makeBase('debian12');
const samples: Sample[] = [];
// Contestants take turns, so that what else the machine does meets all of them.
for (let round = 1; round <= rounds; round++) {
  for (const kind of kinds) samples.push(...(await runScenarios(kind, round)));
}
await keepTables('build', [reportTable(samples)], {
  note: `medians of ${rounds} rounds in which the contestants took turns`,
});

async function available(all: readonly ContestantKind[]): Promise<ContestantKind[]> {
  const found: ContestantKind[] = [];
  for (const kind of all) {
    const missing = await kind.missing();
    if (missing !== undefined) console.log(`Without ${kind.name}: ${missing}.`);
    else if (values.only === undefined || values.only.includes(kind.name)) found.push(kind);
  }
  return found;
}

/** All scenarios in order, from nothing cached, with a registry that holds only the base. */
async function runScenarios(kind: ContestantKind, round: number): Promise<Sample[]> {
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-bench-'));
  try {
    await using registry = await startDockerRegistry();
    await using proxy = await startCountingProxy(registry.host);
    await pushLayout(base, `${registry.host}/base/debian12:latest`);
    await using contestant = await kind.open(directory, proxy.host);
    const found: Sample[] = [];
    for (const { name, target, packages, fresh } of scenarios) {
      proxy.takeSentBytes();
      const build = { registry: proxy.host, base: 'base/debian12', target, packages, fresh };
      const measured = await measure(() => contestant.build(build), contestant.pids);
      const sentBytes = proxy.takeSentBytes();
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
