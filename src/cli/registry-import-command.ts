import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuilderError } from '../errors.ts';
import { detectSource } from '../image/import/detect-source.ts';
import { importImage } from '../image/import/import-image.ts';
import type { RootfsConfig } from '../image/import/rootfs-content.ts';
import { parsePlatform } from '../oci/platform.ts';
import { formatReference, parseReference } from '../oci/reference.ts';
import { say } from '../sentence.ts';
import type { Command, CommandArguments, CommandContext, OptionValues } from './command.ts';
import { compressionFrom, jsonOption, registryOptions } from './common-options.ts';
import { count, formatBytes } from './format-text.ts';
import { openRegistryClient } from './open-registry-client.ts';
import { createStatusLine } from './status-line.ts';

export const registryImportCommand: Command = {
  name: 'registry import',
  summary: 'Bring a base image into a registry, from another registry or from a file.',
  operands: 'SOURCE REF',
  arity: [2, 2],
  description: `
SOURCE is one of

  registry.example.com/python:3.11     an image of another registry, all its platforms (or docker://…)
  docker-archive:image.tar             what "docker save" writes
  oci:directory-or-tar                 an OCI layout
  rootfs:rootfs.tar                    a root file system, as mmdebstrap or "docker export" write it

A file without a prefix is looked at. REF is where it goes, e.g. 127.0.0.1:8080/python:3.11 for the registry of "imagewright up".`,
  options: {
    platform: { type: 'string', value: 'OS/ARCH', description: 'Bring only this platform (default: all there are).' },
    env: {
      type: 'string',
      value: 'NAME=VALUE',
      multiple: true,
      description: 'Environment of a rootfs; may be repeated.',
    },
    user: { type: 'string', value: 'USER', description: 'User of a rootfs.' },
    workdir: { type: 'string', value: 'DIR', description: 'Working directory of a rootfs.' },
    entrypoint: {
      type: 'string',
      value: 'WORD',
      multiple: true,
      description: 'Entry point of a rootfs, a word a flag.',
    },
    cmd: { type: 'string', value: 'WORD', multiple: true, description: 'Command of a rootfs, a word a flag.' },
    compression: {
      type: 'string',
      value: 'KIND',
      description: 'Of layers that come as plain tars: zstd (default) or gzip.',
    },
    ...registryOptions,
    ...jsonOption,
    quiet: { type: 'boolean', short: 'q', description: 'No progress, only the result and errors.' },
  },
  examples: [
    'imagewright registry import registry.example.com/python:3.11 127.0.0.1:8080/python:3.11',
    'imagewright registry import rootfs:bookworm.tar 127.0.0.1:8080/debian:12 --env LANG=C.UTF-8',
  ],
  run: runImport,
};

async function runImport({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const { stdout, stderr, env, signal } = context;
  const [source, target] = positionals as [string, string];
  const reference = parseReference(target);
  const line = createStatusLine(stderr, { quiet: options.boolean('quiet') });
  const platform = options.string('platform');
  let sent = 0;
  line.status(`Reading ${source} …`);
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'imagewright-import-'));
  try {
    const result = await importImage(await detectSource(source, temporary.path), reference, {
      client: openRegistryClient(options, env),
      temporaryDir: temporary.path,
      compression: compressionOption(options),
      platform: platform === undefined ? undefined : parsePlatform(platform),
      config: rootfsConfig(options),
      signal,
      onEvent: (event) => {
        if (event.type === 'pushed') sent += event.bytes;
        line.status(`Importing … ${formatBytes(sent)} sent`);
      },
    });
    const image = formatReference(result.reference);
    line.print(`Imported ${count(result.layers, 'layer')}, ${formatBytes(result.bytesPushed)} sent`);
    stdout.write(options.boolean('json') ? `${JSON.stringify({ type: 'result', ...result, image })}\n` : `${image}\n`);
  } finally {
    line.clear();
  }
}

function compressionOption(options: OptionValues): 'zstd' | 'gzip' {
  const compression = compressionFrom(options);
  if (compression !== 'none') return compression;
  throw new BuilderError('command-invalid', say`--compression is zstd or gzip for an import`);
}

/** Only what was said: the rest is for the import to choose. */
function rootfsConfig(options: OptionValues): RootfsConfig {
  const lists = (['env', 'entrypoint', 'cmd'] as const).flatMap((name) => {
    const values = options.strings(name);
    return values.length === 0 ? [] : [[name, values]];
  });
  const user = options.string('user');
  const workingDir = options.string('workdir');
  return {
    ...Object.fromEntries(lists),
    ...(user !== undefined && { user }),
    ...(workingDir !== undefined && { workingDir }),
  };
}
