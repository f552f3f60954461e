import { writeFile } from 'node:fs/promises';
import { findLock, type NamedLock } from '../build/find-lock.ts';
import { openBase } from '../build/open-base.ts';
import { createTally } from '../build/tally.ts';
import { wantedEcosystems } from '../build/wanted-ecosystems.ts';
import { isSdist, type Lock } from '../lock/lock.ts';
import { formatLock } from '../lock/lock-digest.ts';
import { lockOptions } from './build-options.ts';
import { createBuildProgress } from './build-progress.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { parseDuration, platformFrom } from './common-options.ts';
import { count, formatBytes, formatTable, printable } from './format-text.ts';
import { whyText } from './image-text.ts';
import { openBuildTools } from './open-build-tools.ts';
import { readSpec, withFlags } from './read-spec.ts';
import { createStatusLine } from './status-line.ts';

export const lockCommand: Command = {
  name: 'lock',
  summary: 'Show exactly what a spec means, and every problem in it, without building.',
  operands: 'SPEC.yaml',
  arity: [1, 1],
  description: `
Solves the package lines against the base image and prints what would be added: name, version, size, and why it is there.
--lock-out writes the lock, from which "imagewright build --from-lock" makes the same image at any later time.`,
  options: lockOptions,
  examples: ['imagewright lock SPEC.yaml', 'imagewright lock SPEC.yaml --lock-out image.lock.json'],
  run: runLock,
};

async function runLock({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const { stdout, stderr, stdin, env, signal } = context;
  const spec = withFlags(await readSpec(positionals[0]!, stdin), options);
  const line = createStatusLine(stderr, { quiet: options.boolean('quiet') });
  const maxAge = parseDuration(options.string('lock-max-age') ?? '10m', '--lock-max-age');
  const request = {
    spec,
    platform: platformFrom(options),
    lockMaxAgeMs: options.boolean('fresh') ? 0 : maxAge,
    signal,
    onEvent: createBuildProgress(line),
  };
  await using tools = await openBuildTools(wantedEcosystems(request), options, env);
  const { ecosystems, lockCache } = tools;
  try {
    const tally = createTally(request.onEvent);
    const base = await tally.time('base', () => openBase(request, tools));
    const named = await tally.time('lock', () => findLock(request, { ecosystems, lockCache }, base));
    line.clear();
    const lockOut = options.string('lock-out');
    if (lockOut !== undefined && lockOut !== '-') await writeFile(lockOut, formatLock(named.lock));
    stdout.write(
      lockOut === '-' ? formatLock(named.lock) : options.boolean('json') ? resultLine(named) : lockText(named),
    );
  } finally {
    line.clear();
  }
}

function resultLine({ lock, lockDigest, revision }: NamedLock): string {
  return `${JSON.stringify({ type: 'result', revision, lockDigest, lock })}\n`;
}

function lockText({ lock, revision }: NamedLock): string {
  const bytes = lock.packages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const head = `Revision ${revision}: ${count(lock.packages.length, 'package')}, ${formatBytes(bytes)} to fetch`;
  return `${head}\n${packageTable(lock)}\n`;
}

/** A row a package: ecosystem, name, version, size, why. */
export function packageTable({ packages }: Lock): string {
  if (packages.length === 0) return 'The base has everything already.';
  const rows = packages.map((locked) => {
    const { ecosystem, name, version, sizeBytes } = locked;
    const why = whyText({ ...locked, isBuilt: isSdist(locked) });
    return [ecosystem, name, version, formatBytes(sizeBytes), printable(why)];
  });
  return formatTable([['KIND', 'NAME', 'VERSION', 'SIZE', 'WHY'], ...rows]);
}
