import { describe, expect, it } from 'vitest';
import { parseTarget } from '../../build/image-target.ts';
import { formatRepository } from '../../oci/reference.ts';
import { pushTargetOf, type RegistrySettings, registryOf, registryProblems } from './registry-settings.ts';

const settings = (overrides: Partial<RegistrySettings>): RegistrySettings => ({
  endpoint: null,
  username: null,
  pushRepo: null,
  pushRepoPrefix: null,
  insecureSkipVerify: false,
  plainHttp: false,
  embedded: true,
  ...overrides,
});

describe('where an image goes', () => {
  const endpoint = 'https://registry.example.com:5000';

  it.each<[Partial<RegistrySettings>, string]>([
    [{ endpoint }, 'registry.example.com:5000/demo:1a2b3c4d'],
    [{ endpoint, pushRepoPrefix: 'team' }, 'registry.example.com:5000/team/demo:1a2b3c4d'],
    [{ endpoint, pushRepoPrefix: 'registry.example.com:5000/a/b/' }, 'registry.example.com:5000/a/b/demo:1a2b3c4d'],
    [{ endpoint, pushRepoPrefix: 'registry.example.com:5000' }, 'registry.example.com:5000/demo:1a2b3c4d'],
    [{ endpoint, pushRepo: 'team/images' }, 'registry.example.com:5000/team/images:demo-1a2b3c4d'],
    [{ endpoint, pushRepo: 'team/images', pushRepoPrefix: 'x' }, 'registry.example.com:5000/team/images:demo-1a2b3c4d'],
    [{ pushRepo: 'https://gcr.io/project/images' }, 'gcr.io/project/images:demo-1a2b3c4d'],
    [{ pushRepoPrefix: 'ghcr.io/team' }, 'ghcr.io/team/demo:1a2b3c4d'],
    [{ endpoint: 'https://index.docker.io/v1/', pushRepoPrefix: 'me' }, 'docker.io/me/demo:1a2b3c4d'],
    [{ endpoint: 'docker.io', pushRepo: 'index.docker.io/me/images' }, 'docker.io/me/images:demo-1a2b3c4d'],
    [{ endpoint: 'localhost', pushRepo: 'localhost/images' }, 'localhost/images:demo-1a2b3c4d'],
  ])('with %j is %s', (given, image) => {
    const chosen = settings(given);
    expect(registryProblems(chosen, { stored: undefined, password: undefined })).toEqual([]);
    const { repository, tagOf, isFixedTag } = parseTarget(pushTargetOf(chosen), 'demo');
    expect(`${formatRepository(repository)}:${tagOf('1a2b3c4d')}`).toBe(image);
    expect(isFixedTag).toBe(false);
  });

  it.each<[Partial<RegistrySettings>, string[]]>([
    [{ endpoint: 'registry' }, ['endpoint']],
    [{ endpoint: 'https://me:hunter2@registry.example.com' }, ['endpoint']],
    [{ pushRepo: 'team/images' }, ['pushRepo']],
    [{ endpoint, pushRepo: 'other.example.com/team' }, ['pushRepo']],
    [{ endpoint, pushRepo: 'me:hunter2@registry.example.com:5000/team' }, ['pushRepo']],
    [{ endpoint, pushRepo: 'team/images:tag' }, ['pushRepo']],
    [{ endpoint, pushRepo: 'registry.example.com:5000' }, ['pushRepo']],
    [{ endpoint, pushRepo: 'Team', pushRepoPrefix: 'a b' }, ['pushRepo', 'pushRepoPrefix']],
    [{ endpoint: 'docker.io' }, ['pushRepoPrefix']],
    [{ endpoint: 'docker.io', pushRepo: 'images' }, ['pushRepo']],
    [{ endpoint, username: 'me' }, ['password']],
  ])('is not known with %j', (given, fields) => {
    const problems = registryProblems(settings(given), { stored: undefined, password: undefined });
    expect(problems.map(({ field }) => field)).toEqual(fields);
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});

describe('the registry in force', () => {
  const of = (given: RegistrySettings | undefined, password?: string) =>
    registryOf(given, { embeddedUrl: 'http://127.0.0.1:8080', password });

  it('is the embedded one unless it is turned off', () => {
    const embedded = { source: 'embedded', target: '127.0.0.1:8080/', plainHttp: true };
    expect(of(undefined)).toMatchObject(embedded);
    expect(of(settings({}))).toMatchObject(embedded);
    expect(of(settings({ embedded: false }))).toBeUndefined();
  });

  it('calls the embedded one as others do', () => {
    const behindTls = { embeddedUrl: 'https://images.example.com', password: undefined };
    expect(registryOf(undefined, behindTls)).toMatchObject({ target: 'images.example.com/', plainHttp: false });
  });

  it('is the one that was set, with its credentials', () => {
    const set = settings({ endpoint: 'http://registry.example.com', username: '_json_key', embedded: false });
    expect(of(set, '{"key": 1}')).toEqual({
      source: 'stored',
      registryHost: 'registry.example.com',
      target: 'registry.example.com/',
      credential: { kind: 'password', username: '_json_key', password: '{"key": 1}' },
      plainHttp: true,
      insecureSkipVerify: false,
    });
  });
});
