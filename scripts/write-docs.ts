import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { commandLinePage } from '../src/cli/command-line-page.ts';
import { loadCommands } from '../src/cli/run-cli.ts';

writeFileSync(resolve(import.meta.dirname, '../docs/command-line.md'), commandLinePage(await loadCommands()));
