import { discardBody } from '../../http/discard-body.ts';
import { say } from '../../sentence.ts';
import type { CallOptions } from './registry-client.ts';
import type { RegistrySession } from './registry-session.ts';

/** Asks for the end point that every registry has, distribution-spec "Determining Support". Throws what says why not. */
export async function ping(session: RegistrySession, registry: string, { signal }: CallOptions): Promise<void> {
  const repository = { registry, name: '' };
  const response = await session.send({ repository, url: session.urls.base(registry), actions: 'none', signal });
  if (response.status !== 200) throw await session.refusal(response, say`use the registry`, repository);
  discardBody(response);
}
