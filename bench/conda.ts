import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBase } from '../test/bases/make-base.ts';
import { pushLayout } from '../test/bases/push-layout.ts';
import { startCondaChannel } from '../test/conda-channel.ts';
import { startDockerRegistry } from '../test/docker-registry.ts';
import type { ContestantKind } from './contestant.ts';
import { buildahRattler } from './contestants/buildah-rattler.ts';
import { imagewrightConda } from './contestants/imagewright.ts';
import { imagewrightCondaService } from './contestants/imagewright-service.ts';
import { startCountingProxy } from './counting-proxy.ts';
import { keepTables } from './kept-table.ts';
import { measure } from './measure.ts';
import { reportTable } from './report.ts';
import type { Sample } from './run.ts';

/*
 * Conda packages through Imagewright and through the quickest that others have: rattler, which installs into a container's root file system
 * from the outside, its downloads and repodata kept, the base in a storage that is kept too. In one run, taking turns.
 */

const rounds = Number(process.argv[2] ?? '3');
const packages = ['python', 'numpy', 'pip', 'rich'];
const more = [...packages, 'click'];
const scenarios = [
  { name: 'nothing cached', target: 'team/one', packages },
  { name: 'one package added', target: 'team/one', packages: more },
  { name: 'the same again', target: 'team/one', packages: more },
  { name: 'second image, same packages', target: 'team/two', packages: more },
] as const;

const base = await makeBase('slim');
await using channel = await startCondaChannel();
const samples: Sample[] = [];
for (let round = 1; round <= rounds; round++) {
  for (const kind of [imagewrightConda, imagewrightCondaService, buildahRattler].map((open) => open(channel.url))) {
    samples.push(...(await runScenarios(kind, round)));
  }
}
await keepTables('conda', [reportTable(samples)], {
  note: `medians of ${rounds} rounds in which the contestants took turns`,
});

async function runScenarios(kind: ContestantKind, round: number): Promise<Sample[]> {
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-bench-'));
  try {
    await using registry = await startDockerRegistry();
    await using proxy = await startCountingProxy(registry.host);
    await pushLayout(base, `${registry.host}/base/slim:latest`);
    await using contestant = await kind.open(directory, proxy.host);
    const found: Sample[] = [];
    for (const { name, ...asked } of scenarios) {
      proxy.takeSentBytes();
      const build = { registry: proxy.host, base: 'base/slim', ...asked };
      const measured = await measure(() => contestant.build(build), contestant.pids);
      console.log(`round ${round}  ${kind.name.padEnd(22)} ${name.padEnd(30)} ${measured.seconds.toFixed(2)} s`);
      found.push({ contestant: kind.name, scenario: name, ...measured, sentBytes: proxy.takeSentBytes() });
    }
    return found;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
