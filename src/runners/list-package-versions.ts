import { listVersions } from '../ecosystems/pip/list-versions.ts';
import type { BuildSettings } from './build-settings.ts';
import type { SharedTools } from './open-job-tools.ts';

/** The newest ones: more than anybody looks through. */
const most = 500;

/** The versions of a pip package that the indexes of builds have, the newest first. Throws what `listVersions` throws. */
export async function listPackageVersions(
  { name, signal }: { readonly name: string; readonly signal: AbortSignal },
  { egress, waysOut, cacheDir }: Pick<SharedTools, 'egress' | 'waysOut' | 'cacheDir'>,
  settings: BuildSettings,
): Promise<readonly string[]> {
  egress.trust(await settings.trustedHosts());
  const { http, programEnv } = await waysOut.for(await settings.network());
  const indexes = await settings.pipIndexes();
  return (await listVersions(name, { cacheDir, env: programEnv, http, indexes, signal })).slice(0, most);
}
