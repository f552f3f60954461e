import { join } from 'node:path';
import { createImage, editImage, getImage, rebuildImage } from '../../src/api/images.ts';
import { getJob } from '../../src/api/jobs.ts';
import { setRegistry } from '../../src/api/registry-settings.ts';
import { followJobLog } from '../../src/cli/follow-job-log.ts';
import { type ServedImagewright, serveImagewright } from '../../test/serve-imagewright.ts';
import type { BenchBuild, ContestantKind } from '../contestant.ts';

/** This project as people use it: a service that runs already, like BuildKit's daemon; an image is made or edited, and its job awaited. */
export const imagewrightService = serviceOf({ ecosystem: 'pip', env: {} });

/** The same with conda lines. */
export const imagewrightCondaService = (channel: string) =>
  serviceOf({ ecosystem: 'conda', env: { CONDA_CHANNELS: channel } });

interface ServiceLines {
  readonly ecosystem: 'pip' | 'conda';
  readonly env: Readonly<Record<string, string>>;
}

function serviceOf({ ecosystem, env }: ServiceLines): ContestantKind {
  return {
    name: 'Imagewright service',
    missing: async () => undefined,
    async open(directory, registry) {
      const service = await serveImagewright(join(directory, 'data'), env);
      await service.client.call(setRegistry, { body: { pushRepoPrefix: `${registry}/service`, plainHttp: true } });
      let count = 0;
      return {
        pids: [service.process.pid!],
        build: (build) => buildInService(service, build, { ecosystem, count: ++count }),
        [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
      };
    },
  };
}

async function buildInService(
  { client }: ServedImagewright,
  build: BenchBuild,
  { ecosystem, count }: { readonly ecosystem: 'pip' | 'conda'; readonly count: number },
): Promise<void> {
  const name = build.target.replaceAll('/', '-');
  const params = { name };
  // An edit that changes a comment alone starts a job, too.
  const lines = [`# ${count}`, ...build.packages].join('\n');
  const packages = { apt: (build.apt ?? []).join('\n'), conda: '', pip: '', [ecosystem]: lines };
  const spec = { base: `${build.registry}/${build.base}:latest`, packages };
  const known = await client.call(getImage, { params }).catch(() => undefined);
  const begin = async () => {
    if (known === undefined) return (await client.call(createImage, { body: { name, spec } })).job!;
    if (build.fresh) return client.call(rebuildImage, { params, body: {} });
    return (await client.call(editImage, { params, body: { version: known.version, spec } })).job!;
  };
  const { id } = await begin();
  const untilEnd = { from: 0, signal: new AbortController().signal, onDrop() {} };
  for await (const _ of followJobLog(client, id, untilEnd));
  const { state, failure } = await client.call(getJob, { params: { id } });
  if (state !== 'Succeeded') throw new Error(`the job ended as ${state}: ${failure?.message}`);
}
