import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tryCommand } from '../run-command.ts';
import { type ServiceBed, startServiceBed } from '../start-service.ts';

let bed: ServiceBed;
/** What the service says of failures that it does not know, with their stack. */
const bugs: string[] = [];
beforeAll(async () => {
  const log = (line: string) => void (/\n\s+at /.test(line) && bugs.push(line));
  bed = await startServiceBed([{ name: 'app' }], { log });
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

it('answers whatever it is asked as its description says, and never with a server error', async () => {
  const { exitCode, stdout } = await tryCommand(
    program!,
    [
      ...['run', `${bed.service.url}/openapi.json`, '--header', `Authorization: Bearer ${bed.token}`],
      // The same questions each time, so that a failure can be looked into.
      ...['--checks', checks.join(','), '--max-examples', '40', '--seed', '1', '--no-color', '--warnings', 'off'],
    ],
    { cwd: bed.directory },
  );
  console.log(stdout.slice(stdout.indexOf('SUMMARY')));
  expect(exitCode, stdout.slice(-6000)).toBe(0);
  expect(bugs).toEqual([]);
});
