import { BuilderError } from '../../errors.ts';
import type { HttpResponse } from '../../http/http-client.ts';
import { redactUrl } from '../../http/redact-url.ts';
import type { Repository } from '../../oci/reference.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import type { RegistrySession } from './registry-session.ts';

/** Where an upload that was opened goes on: the `Location`, relative or absolute, with its query. Throws `registry-invalid-response`. */
export function uploadLocation(session: RegistrySession, { registry }: Repository, response: HttpResponse): URL {
  const location = URL.parse(response.headers.location ?? ':', response.url.href);
  const refuse = (why: Sentence) =>
    new BuilderError('registry-invalid-response', say`${registry} opened an upload at ${why}`, {
      hint: say`If the registry stands behind a proxy, that must tell it its outer address (X-Forwarded-Proto and Host).`,
    });
  if (response.headers.location === undefined || location === null) throw refuse(say`no valid address`);
  if (!session.urls.mayLeadTo(location, registry))
    throw refuse(say`${redactUrl(location)}, which is not protected by TLS`);
  return location;
}
