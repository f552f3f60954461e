import { BuilderError, isBuilderError, type Problem } from '../../errors.ts';
import { parseReference } from '../../oci/reference.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';

/**
 * Reads the host of a registry, as people and docker write it: `registry.example.com:5000`, `https://registry.example.com/v2/`,
 * `https://index.docker.io/v1/` (which is `docker.io`). Throws `request-invalid` with a problem of that field; the text is not quoted, as
 * it may hold a password.
 */
export function parseRegistryHost(text: string, field: string): string {
  const bare = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/+$/, '')
    .replace(/\/v[12]$/, '');
  if (bare.includes('@'))
    throw refusal(field, say`it holds a user name or a password`, say`Give them in fields of their own.`);
  if (bare.includes('/'))
    throw refusal(field, say`it has a path`, say`Leave it out: a registry is known by its host alone.`);
  if (bare.toLowerCase() === 'registry.hub.docker.com') return 'docker.io';
  try {
    const { registry, name } = parseReference(`${bare}/x`).repository;
    if (name === 'x' || name === 'library/x') return registry;
  } catch (error) {
    if (!isBuilderError(error, 'reference-invalid')) throw error;
  }
  throw refusal(field, say`it is not a host name`, say`Write it as registry.example.com or registry.example.com:5000.`);
}

function refusal(field: string, why: Sentence, hint: Sentence): BuilderError {
  const problem: Problem = {
    field,
    code: 'registry-host-invalid',
    message: say`Not the host of a registry: ${why}`,
    hint,
  };
  return new BuilderError('request-invalid', say`This is not the host of a registry: ${why}`, {
    hint,
    problems: [problem],
  });
}
