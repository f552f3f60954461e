import { buildah } from './contestants/buildah.ts';
import { buildkit, buildkitZstd } from './contestants/buildkit.ts';
import { imagewright, imagewrightGzip } from './contestants/imagewright.ts';
import { imagewrightService } from './contestants/imagewright-service.ts';
import { keepTables } from './kept-table.ts';
import { readOptions } from './read-options.ts';
import { reportTable } from './report.ts';
import { runRounds } from './run-rounds.ts';
import { pipScenarios } from './scenarios.ts';

const { rounds, only } = readOptions();
const kinds = [imagewright, imagewrightGzip, imagewrightService, buildah, buildkit, buildkitZstd];
const samples = await runRounds({ kinds, only, scenarios: pipScenarios, rounds });
await keepTables('build', [reportTable(samples)], {
  note: `medians of ${rounds} rounds in which the contestants took turns`,
});
