import { once } from 'node:events';
import { join } from 'node:path';
import { startService } from '../server/start-service.ts';
import type { Command, CommandArguments, CommandContext } from './command.ts';
import { readSettings } from './read-settings.ts';
import { serviceOptions } from './service-options.ts';
import { settingOptions } from './settings.ts';

export const upCommand: Command = {
  name: 'up',
  summary: 'Serve Imagewright: API, builds and a registry of its own.',
  operands: '',
  arity: [0, 0],
  description: `
Serves the API under /api/v1 (described at /docs and /openapi.json), builds images as they are asked for, and the embedded registry
under /v2/, until Ctrl-C. Without DATABASE_URL an embedded PostgreSQL keeps the state; all of it lives in the data directory. Jobs
that are under way when the process ends go on at the next start. On loopback the registry lets everybody in; elsewhere it
wants an API token, as the password of "docker login" with any user name. "imagewright config" shows what would be in force.`,
  options: settingOptions,
  examples: [
    'imagewright up',
    'imagewright up --listen 127.0.0.1:5000 --data /srv/imagewright',
    'imagewright up --config /etc/imagewright.yaml',
  ],
  run: runUp,
};

async function runUp({ options }: CommandArguments, context: CommandContext): Promise<void> {
  const { env, stderr, signal } = context;
  const asked = serviceOptions(await readSettings(options, context), env);
  const { dataDir, databaseUrl, adminToken } = asked;
  const service = await startService({ ...asked, log: (line) => void stderr.write(`${line}\n`) });
  const { host } = new URL(service.url);
  const tokenFile = adminToken === undefined ? join(dataDir, 'admin.token') : 'FILE';
  stderr.write(`Imagewright serves at ${service.url}

  API        ${service.url}/docs
  registry   ${host}        push and pull with any client
  state      ${dataDir}${databaseUrl === undefined ? '' : ' and PostgreSQL'}

${service.signInLink === undefined ? '' : `Sign in:          ${service.signInLink}   (once, within a day)\n`}Command line:     imagewright login ${service.url} < ${tokenFile}
Bring in a base:  imagewright registry import python-base.tar ${host}/python:3.11
Ctrl-C stops.
`);
  if (!signal.aborted) await once(signal, 'abort');
  stderr.write('Stopping …\n');
  await service.close();
}
