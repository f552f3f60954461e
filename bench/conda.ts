import { startCondaChannel } from '../test/conda-channel.ts';
import { buildahRattler, buildahRattlerClean } from './contestants/buildah-rattler.ts';
import { imagewrightConda } from './contestants/imagewright.ts';
import { imagewrightCondaService } from './contestants/imagewright-service.ts';
import { keepTables } from './kept-table.ts';
import { readOptions } from './read-options.ts';
import { reportTable } from './report.ts';
import { runRounds } from './run-rounds.ts';
import { condaScenarios } from './scenarios.ts';

/*
 * Conda packages through Imagewright and through the quickest that others have: rattler, which installs into a container's root file system
 * from the outside, its downloads and repodata kept, the base in a storage that is kept too. In one run, taking turns.
 */

const { rounds, only } = readOptions();
await using channel = await startCondaChannel();
const kinds = [imagewrightConda, imagewrightCondaService, buildahRattler, buildahRattlerClean].map((kindFor) =>
  kindFor(channel.url),
);
const samples = await runRounds({ kinds, only, scenarios: condaScenarios, rounds, baseName: 'slim' });
await keepTables('conda', [reportTable(samples)], {
  note: `medians of ${rounds} rounds in which the contestants took turns`,
});
