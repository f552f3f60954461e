import type { z } from 'zod';
import type { imagePatchSchema } from '../api/images.ts';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import type { OptionDefinitions, OptionValues } from './command.ts';
import type { SpecFile } from './read-spec-text.ts';

/** Flags of the commands that make or change an image. */
export const imageOptions = {
  group: {
    type: 'string',
    value: 'GROUP',
    description: 'The group that it belongs to: its administrators may change it, its members use it.',
  },
  'visible-to': {
    type: 'string',
    value: 'GROUP',
    multiple: true,
    description: 'Another group whose members use it; may be repeated.',
  },
  global: { type: 'boolean', description: 'Everyone may use it.' },
  'pull-secret': { type: 'string', value: 'NAME', description: 'The pull secret that the base (or the URL) needs.' },
  type: { type: 'string', value: 'TYPE', description: 'cpu, gpu or universal.' },
  'display-name': { type: 'string', value: 'TEXT', description: 'What people see.' },
  description: { type: 'string', value: 'TEXT', description: 'What it is for.' },
  url: {
    type: 'string',
    value: 'REF',
    description: 'Of an existing image, which is not built: where it is pulled from.',
  },
  'gpu-url': { type: 'string', value: 'REF', description: 'Of a universal existing image: another one for GPUs.' },
} as const satisfies OptionDefinitions;

/** What is said of an image; what is not said is absent. */
export type SaidFields = Omit<z.input<typeof imagePatchSchema>, 'version'>;

/** What flags and spec file say; a flag counts more. Throws `command-invalid`. */
export function saidFields(options: OptionValues, file: SpecFile | undefined): SaidFields {
  const { displayName, description, spec } = file ?? {};
  const groups = options.strings('visible-to');
  return withoutAbsent({
    displayName: options.string('display-name') ?? displayName,
    description: options.string('description') ?? description,
    type: typeFrom(options) ?? file?.type,
    isGlobal: options.boolean('global') ? true : undefined,
    groups: groups.length > 0 ? [...groups] : undefined,
    ownerGroup: options.string('group'),
    spec,
    url: options.string('url'),
    gpuUrl: options.string('gpu-url'),
    pullSecret: options.string('pull-secret'),
  });
}

function typeFrom(options: OptionValues): 'cpu' | 'gpu' | 'universal' | undefined {
  const type = options.string('type');
  if (type === undefined || type === 'cpu' || type === 'gpu' || type === 'universal') return type;
  throw new BuilderError('command-invalid', say`--type is cpu, gpu or universal, not "${type}"`);
}

function withoutAbsent<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
