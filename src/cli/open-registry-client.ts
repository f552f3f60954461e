import { createHttpClient } from '../http/create-http-client.ts';
import type { HttpClient } from '../http/http-client.ts';
import { loadCredentials } from '../registry/client/credentials.ts';
import { createRegistryClient, type RegistryClient } from '../registry/client/registry-client.ts';
import type { CommandContext, OptionValues } from './command.ts';

/** The registry client that the flags and the environment ask for. */
export function openRegistryClient(
  options: OptionValues,
  env: CommandContext['env'],
  http: HttpClient = createHttpClient({ env }),
): RegistryClient {
  const authFile = options.string('auth-file');
  return createRegistryClient({
    http,
    credentials: loadCredentials({ ...(authFile !== undefined && { authFile }), env }),
    insecureRegistries: options.strings('insecure-registry'),
  });
}
