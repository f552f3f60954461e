import { writeFile } from 'node:fs/promises';
import { type BuildRequest, type BuildResult, buildImage } from '../build/build-image.ts';
import { embeddedRegistry, parseTarget } from '../build/image-target.ts';
import { wantedEcosystems } from '../build/wanted-ecosystems.ts';
import { formatLock } from '../lock/lock-digest.ts';
import { parseLock } from '../lock/parse-lock.ts';
import { formatReference } from '../oci/reference.ts';
import { buildOptions } from './build-options.ts';
import { createBuildProgress } from './build-progress.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { compressionFrom, parseDuration, platformFrom } from './common-options.ts';
import { count, formatBytes, formatSeconds } from './format-text.ts';
import { openBuildTools } from './open-build-tools.ts';
import { readOperand, readSpec, withFlags } from './read-spec.ts';
import { createStatusLine } from './status-line.ts';

export const buildCommand: Command = {
  name: 'build',
  summary: 'Build the image of a spec and push it to a registry.',
  operands: 'SPEC.yaml',
  arity: [1, 1],
  description: `
A spec is a name, a base image and the packages to add:

  name: research-notebook
  base: registry.example.com/python:3.11
  packages:
    pip: [pandas, "scikit-learn>=1.5"]

What the lines mean is worked out first, in seconds; every problem is reported at its line. Then each package becomes a layer
of its own, made once and shared by all images, and only what the registry lacks is sent. Code runs only where it cannot be
helped, in a sandbox of buildah: the base's own apt installs apt packages, as one layer that is kept as well, and packages that
have no wheel are built from their source.
"-" reads the spec from standard input. Without --to the image goes to ${embeddedRegistry}, where "imagewright up" serves.
The image's name and digest are printed on standard output, progress on standard error.`,
  options: buildOptions,
  whenCancelled: 'Nothing was tagged.',
  examples: [
    'imagewright build SPEC.yaml --to registry.example.com/team/',
    'imagewright build SPEC.yaml --lock-out image.lock.json',
    'imagewright build SPEC.yaml --from-lock image.lock.json --to registry.example.com/team/research:stable',
  ],
  run: runBuild,
};

async function runBuild(args: CommandArguments, context: CommandContext): Promise<void> {
  const { options } = args;
  const json = options.boolean('json');
  const line = createStatusLine(context.stderr, { quiet: options.boolean('quiet') });
  const progress = createBuildProgress(line);
  const request = await readRequest(args, context, progress);
  await using tools = await openBuildTools(wantedEcosystems(request), options, context.env);
  try {
    const result = await buildImage(request, tools);
    const lockOut = options.string('lock-out');
    if (lockOut === '-') context.stdout.write(formatLock(result.lock));
    else if (lockOut !== undefined) await writeFile(lockOut, formatLock(result.lock));
    line.print(summaryOf(result));
    if (json) context.stdout.write(`${JSON.stringify(resultObject(result))}\n`);
    else if (lockOut !== '-') context.stdout.write(`${imageName(result)}\n`);
  } finally {
    line.clear();
  }
}

async function readRequest(
  { positionals, options }: CommandArguments,
  { env, stdin, stdout, signal }: CommandContext,
  progress: BuildRequest['onEvent'],
): Promise<BuildRequest> {
  const spec = withFlags(await readSpec(positionals[0]!, stdin), options);
  const lockPath = options.string('from-lock');
  const noCache = options.boolean('no-cache');
  const fresh = noCache || options.boolean('fresh');
  const maxAge = parseDuration(options.string('lock-max-age') ?? '10m', '--lock-max-age');
  const json = options.boolean('json');
  return {
    spec,
    target: parseTarget(options.string('to') ?? env.IMAGEWRIGHT_PUSH_REPO_PREFIX ?? `${embeddedRegistry}/`, spec.name),
    platform: platformFrom(options),
    compression: compressionFrom(options),
    ...(lockPath !== undefined && { fromLock: parseLock(await readOperand(lockPath, stdin)) }),
    lockMaxAgeMs: fresh ? 0 : maxAge,
    noCache,
    signal,
    onEvent: (event) => {
      progress(event);
      if (json && event.type !== 'base' && event.type !== 'download' && event.type !== 'upload') {
        stdout.write(`${JSON.stringify(event)}\n`);
      }
    },
  };
}

/** `host/repo:tag@sha256:…` */
function imageName({ reference, digest }: BuildResult): string {
  return formatReference({ ...reference, digest });
}

function resultObject(result: BuildResult): Record<string, unknown> {
  const { digest, revision, lockDigest, upToDate, layers, bytesPushed, seconds } = result;
  return {
    type: 'result',
    image: imageName(result),
    digest,
    revision,
    lockDigest,
    upToDate,
    layers,
    bytesPushed,
    seconds,
  };
}

function summaryOf({ upToDate, revision, layers, bytesPushed, seconds }: BuildResult): string {
  const total = formatSeconds(seconds.total);
  if (upToDate) return `Already built: revision ${revision} (${total})`;
  return `Built revision ${revision} in ${total}: ${count(layers.added, 'layer')} added to ${layers.base}, ${formatBytes(bytesPushed)} sent`;
}
