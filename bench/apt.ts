import { buildah } from './contestants/buildah.ts';
import { buildkit, buildkitZstd } from './contestants/buildkit.ts';
import { imagewright, imagewrightGzip } from './contestants/imagewright.ts';
import { keepTables } from './kept-table.ts';
import { readOptions } from './read-options.ts';
import { reportTable } from './report.ts';
import { runRounds } from './run-rounds.ts';
import { aptScenarios } from './scenarios.ts';

/** Images with apt and pip packages: what has to run code, and what that costs when something else of the list changes. */

const { rounds, only } = readOptions();
const kinds = [imagewright, imagewrightGzip, buildah, buildkit, buildkitZstd];
const samples = await runRounds({ kinds, only, scenarios: aptScenarios, rounds });
await keepTables('apt', [reportTable(samples)], {
  note: `medians of ${rounds} rounds in which the contestants took turns`,
});
