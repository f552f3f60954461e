import type { z } from 'zod';
import { preflightSpec } from '../api/images.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { serverOptions } from './common-options.ts';
import { count, formatBytes, printable } from './format-text.ts';
import { differenceText, lockedTable } from './image-text.ts';
import { outputFrom, outputOptions, printAnswer } from './output-format.ts';
import { pointIntoFile, readSpecText } from './read-spec-text.ts';
import { openServer } from './server-connection.ts';

export const preflightCommand: Command = {
  name: 'preflight',
  summary: 'Let a server work out what a spec means, and every problem in it, without building.',
  operands: 'SPEC.yaml',
  arity: [1, 1],
  description: `
As "imagewright lock", but with the registry credentials and package sources of the server. Nothing is kept there. Exit code 3 says that the
packages cannot be resolved, each problem stands at its line.`,
  options: {
    'pull-secret': { type: 'string', value: 'NAME', description: 'The pull secret that the base needs.' },
    'compare-with': {
      type: 'string',
      value: 'IMAGE',
      description: 'Show what would change against the revision of that image that is in force.',
    },
    ...outputOptions,
    ...serverOptions,
  },
  examples: ['imagewright preflight SPEC.yaml', 'imagewright preflight SPEC.yaml --compare-with research-notebook'],
  run: runPreflight,
};

async function runPreflight({ positionals, options }: CommandArguments, context: CommandContext): Promise<void> {
  const format = outputFrom(options);
  const { name, spec } = await readSpecText(positionals[0]!, context.stdin);
  const pullSecret = options.string('pull-secret') ?? null;
  const compareWith = options.string('compare-with');
  const client = await openServer(options, context);
  const found = await client
    .call(preflightSpec, { body: { name, spec, pullSecret, compareWith } })
    .catch(pointIntoFile);
  await printAnswer(context.stdout, format, { value: found, table: preflightText });
}

function preflightText(found: z.output<(typeof preflightSpec)['answer']>): string {
  const { revision, base, python, packages, layers, downloadBytes, notices, changes } = found;
  const of = `${count(packages.length, 'package')} in ${count(layers, 'layer')}, ${formatBytes(downloadBytes)} to fetch`;
  const on = `${count(base.layers, 'layer')}, ${formatBytes(base.sizeBytes)}${python === null ? '' : `, Python ${python}`}`;
  return [
    `Revision ${revision}: ${of}`,
    `Base ${base.digest.slice(0, 19)}…: ${on}`,
    ...notices.map((notice) => `note: ${printable(notice)}`),
    '',
    lockedTable(packages),
    ...(changes === null ? [] : ['', 'What would change:', differenceText({ base: null, ...changes })]),
  ].join('\n');
}
