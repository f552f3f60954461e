import { mainIndexOf } from '../src/ecosystems/pip/list-versions.ts';
import { indexesFrom } from '../src/ecosystems/pip/uv-settings.ts';
import { answer, type ScriptedServer, serveScript } from './scripted-server.ts';

export interface UnlistedIndex extends ScriptedServer {
  readonly url: string;
}

/** Leads to the projects of this machine's own index, and does not say which there are: a list of all is no thing to fetch for a test. */
export async function startUnlistedIndex(cacheDir: string): Promise<UnlistedIndex> {
  const { env } = process;
  const index = (await mainIndexOf(indexesFrom(env), { env, cacheDir })).replace(/\/*$/, '/');
  const server = await serveScript(({ path }, response) => {
    const project = /^\/simple\/([^/]+\/)$/.exec(path)?.[1];
    return project === undefined ? answer(response, 404) : answer(response, 302, { location: index + project });
  });
  return { ...server, url: `${server.origin}/simple/` };
}
