import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { commandLinePage } from '../src/cli/command-line-page.ts';
import { loadCommands } from '../src/cli/run-cli.ts';

it('docs/command-line.md is what the commands say of themselves (else: npm run docs)', async () => {
  const page = readFileSync(resolve(import.meta.dirname, '../docs/command-line.md'), 'utf8');
  expect(page).toBe(commandLinePage(await loadCommands()));
});
