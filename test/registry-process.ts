import { openRegistry } from '../src/server/open-registry.ts';
import { startServer } from '../src/server/start-server.ts';
import { openDatabase } from '../src/store/open-database.ts';
import { createDatabaseRegistryIndex } from '../src/store/registry/database-registry-index.ts';

/*
 * The embedded registry alone, as a process that a test can kill: `registry-process.ts <dataDir> <port> [<databaseUrl>]`. Leases are so
 * short, and garbage is collected so often, that pushes and collections meet all the time.
 */

const [dataDir, port, databaseUrl] = process.argv.slice(2);
const log = (line: string) => void process.stderr.write(`${line}\n`);
const database = await openDatabase({ dataDir: dataDir!, databaseUrl });
const index = createDatabaseRegistryIndex(database, { leaseMs: 30 });
const registry = await openRegistry({ dataDir: dataDir!, log, index, minAgeMs: 0 });
await startServer({ listen: { host: '127.0.0.1', port: Number(port) }, dataDir: dataDir!, log, registry });
process.send?.('ready');
process.once('disconnect', () => process.exit());
for (;;) await registry.collect({ isDryRun: false });
