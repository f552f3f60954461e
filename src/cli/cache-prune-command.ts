import { resolve } from 'node:path';
import { pruneCache } from '../build/prune-cache.ts';
import type { Command } from './command.ts';
import { cacheDirectory, dataOption, parseSize } from './common-options.ts';
import { count, formatBytes } from './format-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';

export const cachePruneCommand: Command = {
  name: 'cache prune',
  summary: 'Remove from the cache of "imagewright build" what was not used for long.',
  operands: '',
  arity: [0, 0],
  description: `
Files that were used longest ago go first, until the rest is not larger than --max-size. What was used within the last day or two stays in
any case. All of it is fetched or made again when it is wanted. A server does this by itself, see --cache-size of "imagewright up".`,
  options: {
    'max-size': {
      type: 'string',
      value: 'SIZE',
      description: 'What may stay, such as 500MiB or 20GiB (default: 0, nothing).',
    },
    'dry-run': { type: 'boolean', description: 'Only tell what would be removed.' },
    ...dataOption,
    ...outputOptions,
  },
  examples: ['imagewright cache prune --dry-run', 'imagewright cache prune --max-size 10GiB'],
  async run({ options }, context) {
    const format = outputFrom(options);
    const maxSize = options.string('max-size');
    const maxBytes = maxSize === undefined ? 0 : parseSize(maxSize, '--max-size') * 1024 * 1024;
    const isDryRun = options.boolean('dry-run');
    const value = await pruneCache(resolve(cacheDirectory(options, context.env)), { maxBytes, isDryRun });
    const table = ({ removedFiles, removedBytes, keptBytes }: typeof value) =>
      `${count(removedFiles, 'file')} of ${formatBytes(removedBytes)} ${isDryRun ? 'would be removed' : 'removed'}, ${formatBytes(keptBytes)} ${isDryRun ? 'would be kept' : 'kept'}`;
    await printAnswer(context.stdout, format, { value, table });
  },
};
