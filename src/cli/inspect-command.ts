import { type ImageInspection, inspectImage } from '../build/inspect-image.ts';
import { BuilderError } from '../errors.ts';
import { formatLock } from '../lock/lock-digest.ts';
import { formatPlatform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { resolveImage } from '../registry/client/resolve-image.ts';
import { say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { jsonOption, platformFrom, platformOption, registryOptions } from './common-options.ts';
import { count, formatBytes, formatTable, printable } from './format-text.ts';
import { packageTable } from './lock-command.ts';
import { openRegistryClient } from './open-registry-client.ts';

export const inspectCommand: Command = {
  name: 'inspect',
  summary: 'Show the packages, layers and lock of an image in a registry.',
  operands: 'REF',
  arity: [1, 1],
  description: `
Reads the manifest and configuration only; no layer is fetched. --lock prints the lock that the image was built from, from which
"imagewright build --from-lock" makes it again.`,
  options: {
    lock: { type: 'boolean', description: 'Print only the lock.' },
    ...platformOption,
    ...registryOptions,
    ...jsonOption,
  },
  examples: [
    'imagewright inspect registry.example.com/team/research:1a2b3c4d',
    'imagewright inspect REF --lock > image.lock.json',
  ],
  run: runInspect,
};

async function runInspect({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const { stdout, env, signal } = context;
  const client = openRegistryClient(options, env);
  const reference = parseReference(positionals[0]!);
  const inspection = inspectImage(await resolveImage(client, reference, platformFrom(options), { signal }));
  if (options.boolean('lock')) stdout.write(lockText(inspection, positionals[0]!));
  else if (options.boolean('json')) stdout.write(`${JSON.stringify({ type: 'result', ...inspection })}\n`);
  else stdout.write(inspectionText(formatReference(reference), inspection));
}

function lockText({ built }: ImageInspection, name: string): string {
  if (built !== undefined) return formatLock(built.lock);
  throw new BuilderError('not-found', say`${name} holds no lock: Imagewright did not build it`);
}

function inspectionText(name: string, { digest, platform, sizeBytes, layers, built }: ImageInspection): string {
  const head = [
    ['Image', name],
    ['Digest', digest],
    ['Platform', formatPlatform(platform)],
    ['Size', `${formatBytes(sizeBytes)} in ${count(layers.length, 'layer')}`],
    ...(built === undefined
      ? [['Built by', 'something else: it holds no lock']]
      : [
          ['Revision', built.revision],
          ['Lock', built.lockDigest],
          ['Base', `${built.lock.base.reference} (${built.lock.base.digest})`],
        ]),
  ];
  const rows = layers.map((layer) => [
    layer.digest.slice(0, 19),
    formatBytes(layer.sizeBytes),
    printable(layer.createdBy ?? '')
      .replace(/\s+/g, ' ')
      .slice(0, 100),
  ]);
  const sections = [formatTable(head), formatTable([['LAYER', 'SIZE', 'MADE BY'], ...rows])];
  if (built !== undefined) sections.push(packageTable(built.lock));
  return `${sections.join('\n\n')}\n`;
}
