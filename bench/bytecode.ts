import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBase } from '../test/bases/make-base.ts';
import { pushLayout } from '../test/bases/push-layout.ts';
import { type Buildah, openBuildah } from '../test/buildah.ts';
import { startDockerRegistry } from '../test/docker-registry.ts';
import { runImagewright } from '../test/imagewright.ts';
import { formatTable, keepTables } from './kept-table.ts';
import { readRounds } from './read-options.ts';
import { pipScenarios } from './scenarios.ts';

/*
 * What it costs to lay modules down compiled, and what that saves: the same list is built without and with bytecode, each with nothing
 * cached, and then imported in a container of the image, where nothing can be written beside the packages.
 */

const rounds = readRounds();
const { packages } = pipScenarios[0]!;
const imports = 'import numpy, pandas, openpyxl, sklearn.linear_model, requests';

interface Run {
  readonly coldSeconds: number;
  readonly addedSeconds: number;
  readonly sentBytes: number;
  readonly importSeconds: number;
}

interface Built {
  readonly image: string;
  readonly bytesPushed: number;
}

async function measureOnce(flags: readonly string[], base: string): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-bytecode-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const registry = stack.use(await startDockerRegistry());
  const buildah = stack.use(await openBuildah());
  const reference = await pushLayout(base, `${registry.host}/base/debian12:latest`);
  const build = async (pip: readonly string[]) => {
    const input = JSON.stringify({ name: 'bench', base: reference, packages: { pip } });
    const words = ['build', '-', '--json', '--to', `${registry.host}/bench/`, ...flags];
    const started = performance.now();
    const { exitCode, stdout, stderr } = await runImagewright(words, { input, env: { XDG_CACHE_HOME: directory } });
    if (exitCode !== 0) throw new Error(`imagewright ended with ${exitCode}:\n${stderr}`);
    const seconds = (performance.now() - started) / 1000;
    return { seconds, built: JSON.parse(stdout.trim().split('\n').at(-1)!) as Built };
  };
  const cold = await build(packages);
  const added = await build([...packages, 'httpx']);
  const importSeconds = await timeImport(buildah, cold.built.image);
  const { bytesPushed: sentBytes } = cold.built;
  return { coldSeconds: cold.seconds, addedSeconds: added.seconds, sentBytes, importSeconds };
}

async function timeImport(buildah: Buildah, image: string): Promise<number> {
  await using container = await buildah.from(image.replace(/:[^:/@]+@/, '@'));
  const variables = { PYTHONDONTWRITEBYTECODE: '1' };
  const program = ['python3', '-c', `import time; t = time.time(); ${imports}; print(time.time() - t)`];
  // The first start reads all from the disk.
  await container.run(program, { user: '0', variables });
  return Number(await container.run(program, { user: '0', variables }));
}

const base = await makeBase('debian12');
const runs = { 'without bytecode': [] as Run[], 'with bytecode': [] as Run[] };
for (let round = 0; round < rounds; round++) {
  runs['without bytecode'].push(await measureOnce([], base));
  runs['with bytecode'].push(await measureOnce(['--compile-bytecode'], base));
}
const rows = Object.entries(runs).map(([name, found]) => {
  const median = (what: keyof Run) => found.map((run) => run[what]).sort((a, b) => a - b)[found.length >> 1]!;
  return [
    name,
    `${median('coldSeconds').toFixed(2)} s`,
    `${median('addedSeconds').toFixed(2)} s`,
    `${(median('sentBytes') / 1e6).toFixed(1)} MB`,
    `${median('importSeconds').toFixed(2)} s`,
  ];
});
await keepTables('bytecode', [formatTable(['', 'nothing cached', 'one package added', 'sent', 'imports'], rows)], {
  note: `medians of ${rounds} rounds in which both took turns`,
});
