import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../../oci/digest.ts';
import { isRepositoryName, isTag } from '../../oci/reference.ts';
import { RegistryError } from './registry-error.ts';
import { parseRegistryPath } from './registry-route.ts';

const digest = digestOf('x');

describe('parseRegistryPath', () => {
  it.each([
    ['/v2', { type: 'version' }],
    ['/v2/', { type: 'version' }],
    ['/v2/a/blobs/uploads/', { type: 'uploads', repository: 'a' }],
    ['/v2/a/blobs/uploads', { type: 'uploads', repository: 'a' }],
    ['/v2/a/b/blobs/uploads/0-1', { type: 'upload', repository: 'a/b', id: '0-1' }],
    [`/v2/a/b/c/blobs/${digest}`, { type: 'blob', repository: 'a/b/c', digest }],
    [`/v2/a/blobs/${digest.replace(':', '%3A')}`, { type: 'blob', repository: 'a', digest }],
    ['/v2/a/manifests/3.11', { type: 'manifest', repository: 'a', reference: { tag: '3.11' } }],
    [`/v2/a/manifests/${digest}`, { type: 'manifest', repository: 'a', reference: { digest } }],
    ['/v2/a/tags/list', { type: 'tags', repository: 'a' }],
    [`/v2/a/referrers/${digest}`, { type: 'referrers', repository: 'a', digest }],
    // Names that hold the words of the protocol.
    [`/v2/blobs/uploads/blobs/${digest}`, { type: 'blob', repository: 'blobs/uploads', digest }],
    [
      '/v2/manifests/manifests/manifests/x',
      { type: 'manifest', repository: 'manifests/manifests', reference: { tag: 'x' } },
    ],
    ['/v2/tags/tags/list', { type: 'tags', repository: 'tags' }],
  ])('reads %s', (path, route) => {
    expect(parseRegistryPath(path)).toEqual(route);
  });

  it.each([
    ['/v2/../blobs/x', 'NAME_INVALID'],
    ['/v2/a/../b/tags/list', 'NAME_INVALID'],
    ['/v2/a/%2e%2e/tags/list', 'NAME_INVALID'],
    ['/v2/a%2Fb/tags/list', 'NAME_INVALID'],
    ['/v2/a%00/tags/list', 'NAME_INVALID'],
    ['/v2/a//b/tags/list', 'NAME_INVALID'],
    ['/v2/A/tags/list', 'NAME_INVALID'],
    ['/v2/_blobs/tags/list', 'NAME_INVALID'],
    [`/v2/${'a'.repeat(256)}/tags/list`, 'NAME_INVALID'],
    ['/v2/a/blobs/sha256:../../x', 'UNSUPPORTED'],
    ['/v2/a/blobs/sha256:..', 'DIGEST_INVALID'],
    ['/v2/a/blobs/sha256:%2e%2e', 'DIGEST_INVALID'],
    ['/v2/a/blobs/md5:d41d8cd98f00b204e9800998ecf8427e', 'DIGEST_INVALID'],
    [`/v2/a/manifests/${digest.toUpperCase()}`, 'DIGEST_INVALID'],
    ['/v2/a/manifests/..', 'MANIFEST_INVALID'],
    ['/v2/a/manifests/%2e%2e', 'MANIFEST_INVALID'],
    [`/v2/a/manifests/${'t'.repeat(129)}`, 'MANIFEST_INVALID'],
    ['/v2/a', 'UNSUPPORTED'],
    ['/v2/_catalog', 'UNSUPPORTED'],
    ['/v2/a/tags/list/', 'UNSUPPORTED'],
  ])('refuses %s', (path, code) => {
    expect(() => parseRegistryPath(path)).toThrow(expect.objectContaining({ code }) as Error);
  });

  it('gives only checked parts, whatever comes', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '%2e', 'blobs', 'uploads', 'manifests', 'tags', 'list', 'a', ''),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        try {
          const route = parseRegistryPath(`/v2/${parts.join('/')}`);
          if (route.type === 'version') return;
          expect(isRepositoryName(route.repository)).toBe(true);
          if (route.type === 'manifest' && 'tag' in route.reference) expect(isTag(route.reference.tag)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RegistryError);
        }
      }),
    );
  });
});
