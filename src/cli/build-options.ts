import type { OptionDefinitions } from './command.ts';
import { dataOption, jsonOption, platformOption, registryOptions } from './common-options.ts';

/** Flags of the commands that find out what a spec means. */
export const lockOptions = {
  ...platformOption,
  'lock-out': { type: 'string', value: 'FILE', description: 'Write the lock there ("-" is standard output).' },
  'compile-bytecode': {
    type: 'boolean',
    description: 'Lay the modules of pip packages down compiled as well, as "compileBytecode: true" in the spec does.',
  },
  fresh: { type: 'boolean', description: 'Ask the package indexes now, whatever is remembered.' },
  'lock-max-age': {
    type: 'string',
    value: 'TIME',
    description: 'How long an answer of the package indexes is remembered (default: 10m).',
  },
  ...registryOptions,
  ...dataOption,
  ...jsonOption,
  quiet: { type: 'boolean', short: 'q', description: 'No progress, only the result and errors.' },
} as const satisfies OptionDefinitions;

export const buildOptions = {
  to: {
    type: 'string',
    value: 'REF',
    env: 'IMAGEWRIGHT_PUSH_REPO',
    description:
      'Where to push: host/repo:tag, host/repo (tag <name>-<revision>), or host/prefix/ (<name>:<revision>).',
  },
  'from-lock': { type: 'string', value: 'FILE', description: 'Build exactly this lock; no index is asked.' },
  compression: { type: 'string', value: 'KIND', description: 'Of new layers: zstd (default), gzip or none.' },
  'no-cache': { type: 'boolean', description: 'Make every layer again and push, even if nothing changed.' },
  ...lockOptions,
} as const satisfies OptionDefinitions;
