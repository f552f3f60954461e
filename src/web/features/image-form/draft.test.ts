import { describe, expect, it } from 'vitest';
import type { Image } from '../../data/images.ts';
import { changedFields, draftOf, emptyDraft, newImageOf, startsJob, withLines } from './draft.ts';

const image: Image = {
  name: 'research',
  kind: 'custom',
  displayName: 'Research',
  description: '',
  type: 'universal',
  isGlobal: false,
  groups: ['lab'],
  ownerGroup: 'lab',
  spec: { base: 'python:3.12', packages: { apt: '', conda: '', pip: 'requests\n' } },
  url: 'registry.example.com/research:1a2b3c4d',
  gpuUrl: null,
  pullSecret: null,
  version: 3,
  revision: '1a2b3c4d',
  isReady: true,
  status: 'Succeeded',
  progress: null,
  latestJobId: 'a',
  createdBy: 'ann',
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
};

describe('a new form', () => {
  it('shows to everybody what an administrator makes', () => {
    expect(emptyDraft({ isAdmin: true, groups: {} })).toMatchObject({ ownerGroup: null, isGlobal: true });
  });

  it('belongs to the first group that one administers, and is shown to its members alone', () => {
    const draft = emptyDraft({ isAdmin: false, groups: { guests: 'member', lab: 'admin' } });
    expect(draft).toMatchObject({ ownerGroup: 'lab', isGlobal: false });
  });

  it('sends a spec for a custom image and URLs for an existing one', () => {
    const draft = { ...emptyDraft({ isAdmin: true, groups: {} }), name: 'a', base: ' python:3.12 ', url: 'x/y:1' };
    expect(newImageOf(draft)).toMatchObject({ kind: 'custom', spec: { base: 'python:3.12' } });
    expect(newImageOf(draft)).not.toHaveProperty('url');
    expect(newImageOf(draft).spec).not.toHaveProperty('cuda');
    expect(newImageOf({ ...draft, cuda: ' 12.4 ' }).spec).toHaveProperty('cuda', '12.4');
    expect(newImageOf({ ...draft, kind: 'existing' })).toMatchObject({ kind: 'existing', url: 'x/y:1', gpuUrl: null });
    expect(newImageOf({ ...draft, kind: 'existing' })).not.toHaveProperty('spec');
  });
});

describe('a form of an image', () => {
  it('sends nothing while nothing was changed, whatever order the server has its fields in', () => {
    expect(changedFields(draftOf(image), image)).toEqual({});
    const spec = { packages: { pip: 'requests\n', conda: '', apt: '' }, base: 'python:3.12' };
    expect(changedFields(draftOf(image), { ...image, spec })).toEqual({});
  });

  it('sends only what was changed, and says whether that is built', () => {
    const described = changedFields({ ...draftOf(image), description: 'For papers' }, image);
    expect(described).toEqual({ description: 'For papers' });
    expect(startsJob(described, image)).toBe(false);
    const packages = { apt: '', conda: '', pip: 'requests\nrich\n' };
    const built = changedFields({ ...draftOf(image), packages }, image);
    expect(built).toEqual({ spec: { base: 'python:3.12', packages } });
    expect(startsJob(built, image)).toBe(true);
    const compiled = changedFields({ ...draftOf(image), compileBytecode: true }, image);
    expect(compiled).toEqual({ spec: { ...image.spec, compileBytecode: true } });
  });
});

describe('lines that are added', () => {
  it.each([
    ['', 'a\nb\n'],
    ['x', 'x\na\nb\n'],
    ['x\n', 'x\na\nb\n'],
  ])('below %j stand on lines of their own', (before, after) => {
    expect(withLines(before, ['a', 'b'])).toBe(after);
  });

  it('leave the text alone when there are none', () => {
    expect(withLines('x', [])).toBe('x');
  });
});
