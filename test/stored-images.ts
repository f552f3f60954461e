import type { NewImage } from '../src/store/images.ts';

/** A custom image that asks for `app`, with what a test wants otherwise. */
export function buildNewImage(overrides: Partial<NewImage> = {}): NewImage {
  return {
    name: 'demo',
    kind: 'custom',
    displayName: 'Demo',
    description: '',
    type: 'universal',
    isGlobal: false,
    groups: [],
    ownerGroup: null,
    spec: { base: 'registry.example.com/base:1', packages: { apt: '', conda: '', pip: 'app' } },
    url: null,
    gpuUrl: null,
    pullSecret: null,
    createdBy: 'alice',
    ...overrides,
  };
}
