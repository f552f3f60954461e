import { describe, expect, it } from 'vitest';
import { projectNames } from './project-names.ts';

async function* inPieces(text: string, length: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const json = JSON.stringify({
  meta: { 'api-version': '1.3', '_last-serial': 7 },
  projects: [
    { '_last-serial': 1, name: 'Scikit_Learn' },
    { name: 'zope.interface' },
    { name: 'no good' },
    { name: 'zope-interface' },
    { name: '三' },
  ],
});
const html = `<!DOCTYPE html><html><head><title>Simple index</title></head><body>
<a href="/simple/scikit-learn/">Scikit_Learn</a><br/>
<A class="x" href="zope-interface/">
  zope.interface
</A><a name="top"></a><a href="x">no good</a></body></html>`;

describe('the root of an index', () => {
  it.each([1, 7, 64, 100_000])('tells its projects, read by %s bytes', async (length) => {
    expect([...(await projectNames(inPieces(json, length), 'json'))]).toEqual(['scikit-learn', 'zope-interface']);
    expect([...(await projectNames(inPieces(html, length), 'html'))]).toEqual(['scikit-learn', 'zope-interface']);
  });

  it('tells none where it is something else', async () => {
    expect([...(await projectNames(inPieces('{"message":"not here"}', 9), 'json'))]).toEqual([]);
    expect([...(await projectNames(inPieces(`<a ${'x'.repeat(50_000)}`, 999), 'html'))]).toEqual([]);
  });
});
