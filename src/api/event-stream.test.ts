import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEventStream, type StreamEvent } from './event-stream.ts';

async function* inPieces(bytes: Uint8Array, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const cut of [...cuts].map((each) => each % (bytes.length + 1)).sort((a, b) => a - b)) {
    yield bytes.subarray(from, cut);
    from = cut;
  }
  yield bytes.subarray(from);
}

async function read(text: string, cuts: readonly number[] = []): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEventStream(inPieces(new TextEncoder().encode(text), cuts))) events.push(event);
  return events;
}

const oneLine = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\0]/g, '·'));
const cutsOf = fc.array(fc.nat(5000), { maxLength: 40 });

describe('readEventStream', () => {
  it('reads what an Imagewright sends', async () => {
    const text =
      'retry: 1000\n\nevent: lines\nid: 12\ndata: ["one","two"]\n\n: ping\n\nevent: end\nid: 12\ndata: {}\n\n';
    expect(await read(text)).toEqual([
      { type: 'lines', id: '12', data: '["one","two"]' },
      { type: 'end', id: '12', data: '{}' },
    ]);
  });

  it.each([
    ['several lines of data', 'data: a\ndata:b\ndata\n\n', [{ type: 'message', id: '', data: 'a\nb\n' }]],
    ['a field that it does not know', 'colour: red\ndata: a\n\n', [{ type: 'message', id: '', data: 'a' }]],
    ['an id with a zero byte', 'id: 1\0\ndata: a\n\n', [{ type: 'message', id: '', data: 'a' }]],
    ['an id that stays', 'id: 1\ndata: a\n\ndata: b\n\n', [{ id: '1' }, { id: '1' }]],
    ['an event without data', 'event: a\n\ndata: b\n\n', [{ type: 'message', data: 'b' }]],
    ['only the first space', 'data:  a\n\n', [{ data: ' a' }]],
    ['a byte order mark', '\uFEFFdata: a\n\n', [{ data: 'a' }]],
    ['an event that is cut off', 'data: a\n\ndata: b\n', [{ data: 'a' }]],
  ])('heeds %s', async (_what, text, events) => {
    const found = await read(text);
    expect(found).toHaveLength(events.length);
    expect(found).toMatchObject(events);
  });

  it('reads the same whatever the line ends and however the bytes are cut', async () => {
    const events = fc.array(fc.record({ type: oneLine, id: oneLine, data: fc.array(oneLine, { minLength: 1 }) }));
    const property = fc.asyncProperty(events, fc.constantFrom('\n', '\r', '\r\n'), cutsOf, async (sent, end, cuts) => {
      const lines = sent.flatMap(({ type, id, data }) => [
        ': a comment',
        `event: ${type}`,
        `id: ${id}`,
        ...data.map((each) => `data: ${each}`),
        '',
      ]);
      const expected = sent.map(({ type, id, data }) => ({ type: type || 'message', id, data: data.join('\n') }));
      expect(await read(lines.map((line) => line + end).join(''), cuts)).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 300 });
  });

  it('reads any text the same in one piece and in many', async () => {
    const parts = fc.constantFrom('\r', '\n', '\r\n', ':', ' ', 'data', 'event', 'id', 'é', '🙂', '\uFEFF', '\0');
    const property = fc.asyncProperty(fc.array(parts), cutsOf, async (words, cuts) => {
      const text = words.join('');
      expect(await read(text, cuts)).toEqual(await read(text));
    });
    await fc.assert(property, { numRuns: 500 });
  });
});
