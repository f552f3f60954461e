import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tryCommand } from '../run-command.ts';
import { type ServiceBed, startServiceBed } from '../start-service.ts';

let bed: ServiceBed;
beforeAll(async () => {
  bed = await startServiceBed([{ name: 'app' }]);
});
afterAll(() => bed[Symbol.asyncDispose]());

const [program] = globSync(resolve(import.meta.dirname, '../../.tools/schemathesis-*/bin/schemathesis'));

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
];

it('answers whatever it is asked as its description says, and never with a bug of ours', async () => {
  const { exitCode, stdout } = await tryCommand(
    program!,
    [
      ...['run', `${bed.service.url}/openapi.json`, '--header', `Authorization: Bearer ${bed.token}`],
      // The same questions each time, so that a failure can be looked into.
      ...['--checks', checks.join(','), '--max-examples', '40', '--seed', '1', '--no-color', '--warnings', 'off'],
      // They go to the registry that is named, and say 502 when that does not answer, as none of those that are made up does.
      ...['inspectBase', 'preflightSpec'].flatMap((id) => ['--exclude-operation-id', id]),
    ],
    { cwd: bed.directory },
  );
  console.log(stdout.slice(stdout.indexOf('SUMMARY')));
  expect(exitCode, stdout.slice(-6000)).toBe(0);
});
