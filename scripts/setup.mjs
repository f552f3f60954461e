// Installs what the project needs and what is not there yet. Plain JavaScript: it runs before anything is installed.
// `--for-tests` adds the tools that the tests start (buildah, a registry, …).
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.mjs';
import { installNodeModules } from './install-node-modules.mjs';
import { installUv } from './install-uv.mjs';
import { SetupError, say } from './run.mjs';
import { installCondaTools } from './test-bed/install-conda-tools.mjs';
import { installConformance } from './test-bed/install-conformance.mjs';
import { installSchemathesis } from './test-bed/install-schemathesis.mjs';
import { installTestTools } from './test-bed/install-tools.mjs';

const root = resolve(fileURLToPath(import.meta.url), '../..');
const forTests = process.argv.includes('--for-tests');

try {
  installNodeModules(root);
  installUv(root);
  if (forTests) {
    installTestTools();
    installSchemathesis(root);
    installCondaTools(root);
    installConformance(root);
  }
  buildPage(root);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exit(1);
}
