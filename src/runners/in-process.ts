import { buildImage } from '../build/build-image.ts';
import { parseTarget } from '../build/image-target.ts';
import { wantedEcosystems } from '../build/wanted-ecosystems.ts';
import { defaultPlatform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import type { Runner } from '../queue/runner.ts';
import { specOf } from '../spec/spec-text.ts';
import type { BuildSettings } from './build-settings.ts';
import { limitDisk } from './limit-disk.ts';
import { openJobTools, type SharedTools } from './open-job-tools.ts';

/** How old a remembered lock may be: who changes a line wants the same versions as a minute ago. */
const lockMaxAgeMs = 10 * 60_000;

/** Builds jobs in this process. */
export function createInProcessRunner(shared: SharedTools, settings: BuildSettings): Runner {
  return {
    async secretsOf({ spec, ownerGroup }) {
      const secrets: string[] = [];
      const { pullSecret: name, base } = spec;
      const { registry } = parseReference(base).repository;
      // What cannot be read here fails the job itself, with its reason, when it runs.
      const readable = <T>(reading: Promise<T>) => reading.catch(() => undefined);
      const [push, pull, indexes, conda, network] = await Promise.all([
        readable(settings.push()),
        name === null ? undefined : readable(settings.pullCredential({ name, registry, ownerGroup })),
        readable(settings.pipIndexes()),
        readable(settings.condaChannels()),
        readable(settings.network()),
      ]);
      if (push?.credential?.kind === 'password') secrets.push(push.credential.password);
      if (push?.credential?.kind === 'identity-token') secrets.push(push.credential.token);
      if (pull?.kind === 'password') secrets.push(pull.password);
      const channels = conda?.sources ?? [];
      const urls = [
        indexes?.default,
        ...(indexes?.extra ?? []),
        ...channels.map(({ url }) => url),
        network?.proxy?.url,
      ];
      for (const url of urls) {
        if (url !== undefined && URL.canParse(url)) secrets.push(decodeURIComponent(new URL(url).password));
      }
      for (const { url } of channels) secrets.push(/\/t\/([^/]+)/.exec(url)?.[1] ?? '');
      return secrets.filter((secret) => secret !== '');
    },
    async run(job, context) {
      const { imageName, spec, ownerGroup, lock, reason, noCache, limits } = job;
      const { signal, onEvent } = limitDisk(limits.diskMiB, context);
      const asked = { spec: specOf(imageName, spec), ...(lock !== null && { fromLock: lock }) };
      const push = await settings.push();
      const target = parseTarget(push.target, imageName);
      const { repository } = target;
      // An image of the platform is made by its administrators, who see everything.
      const groups = ownerGroup === null ? ('all' as const) : [ownerGroup];
      const grant = { groups, repository: repository.name };
      using tools = await openJobTools(
        {
          base: spec.base,
          wanted: wantedEcosystems(asked),
          pullSecret: spec.pullSecret,
          ownerGroup,
          grant,
          push: { ...push, repository },
          limits,
          signal,
        },
        shared,
        settings,
      );
      const maxAgeMs = reason === 'rebuild' ? 0 : lockMaxAgeMs;
      const result = await buildImage(
        {
          ...asked,
          target,
          platform: defaultPlatform,
          compression: 'zstd',
          lockMaxAgeMs: noCache ? 0 : maxAgeMs,
          noCache,
          signal,
          onEvent,
        },
        tools,
      ).catch((error) => {
        throw signal.aborted ? signal.reason : error;
      });
      const { reference, digest, revision, lockDigest, layers, bytesPushed, seconds, upToDate } = result;
      return {
        lock: result.lock,
        lockDigest,
        revision,
        digest,
        imageUrl: formatReference({ ...reference, digest }),
        totals: { layers, bytesPushed, seconds, upToDate },
      };
    },
  };
}
