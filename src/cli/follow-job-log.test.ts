import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBuilderError } from '../errors.ts';
import { type FollowOptions, followJobLog } from './follow-job-log.ts';
import { connectTo } from './server-connection.ts';

type Answer = (response: ServerResponse, from: number, request: IncomingMessage) => void;

/** A server that gives each connection to the next of the answers, and the last of them to all that follow. */
async function startAnswers(answers: readonly Answer[]) {
  let connections = 0;
  const server = createServer((request, response) => {
    const answer = answers[Math.min(connections, answers.length - 1)]!;
    connections += 1;
    answer(response, Number(request.headers['last-event-id']), request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    client: connectTo({ url, token: 'secret' }, { env: {}, signal: new AbortController().signal }),
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const begin = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/event-stream' });
const linesEvent = (lines: readonly string[], to: number) =>
  `event: lines\nid: ${to}\ndata: ${JSON.stringify(lines)}\n\n`;
const endEvent = (to: number) => `event: end\nid: ${to}\ndata: {}\n\n`;

async function follow(client: Parameters<typeof followJobLog>[0], options: Partial<FollowOptions> = {}) {
  const lines: string[] = [];
  let drops = 0;
  const all = {
    from: 0,
    signal: new AbortController().signal,
    onDrop: () => void drops++,
    sleep: async () => {},
    ...options,
  };
  for await (const more of followJobLog(client, 'id', all)) lines.push(...more);
  return { lines, drops };
}

describe('followJobLog', () => {
  it('gives every line once however often and wherever the connection breaks', async () => {
    const log = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    const offsets = log.map((_, index) => log.slice(0, index + 1).join('\n').length + 1);
    // The whole stream from a place on, broken off after so many bytes; a last connection that holds.
    const answering =
      (cut: number): Answer =>
      (response, from) => {
        const first = offsets.findIndex((offset) => offset > from);
        const rest =
          first < 0 ? [] : log.slice(first).map((line, index) => linesEvent([line], offsets[first + index]!));
        const text = ['retry: 1000\n\n', ...rest, endEvent(offsets.at(-1)!)].join(': ping\n\n');
        begin(response);
        response.write(text.slice(0, cut), () => (cut < text.length ? response.destroy() : response.end()));
      };
    const property = fc.asyncProperty(fc.array(fc.nat(2500), { maxLength: 8 }), async (cuts) => {
      await using server = await startAnswers([...cuts.map(answering), answering(Number.POSITIVE_INFINITY)]);
      const { lines, drops } = await follow(server.client);
      expect(lines).toEqual(log);
      expect(drops).toBe(server.connections() > 1 ? 1 : 0);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it('takes no line twice from a server that begins anew', async () => {
    const whole: Answer = (response) => {
      begin(response);
      response.end(linesEvent(['a'], 2) + linesEvent(['b'], 4) + endEvent(4));
    };
    const half: Answer = (response) => {
      begin(response);
      response.end(linesEvent(['a'], 2));
    };
    await using server = await startAnswers([half, whole]);
    expect((await follow(server.client)).lines).toEqual(['a', 'b']);
  });

  it('leaves a connection that has gone silent', async () => {
    const silent: Answer = (response) => void begin(response).write(linesEvent(['a'], 2));
    const rest: Answer = (response, from) => {
      begin(response);
      response.end(linesEvent([`after ${from}`], 9) + endEvent(9));
    };
    await using server = await startAnswers([silent, rest]);
    expect(await follow(server.client, { silenceMs: 100 })).toEqual({ lines: ['a', 'after 2'], drops: 1 });
  });

  it('waits longer each time while the server is away, and gives up in the end', async () => {
    const waits: number[] = [];
    await using server = await startAnswers([(response) => void response.writeHead(502).end()]);
    const pause = async (ms: number) => void waits.push(ms);
    // Each connection is tried thrice by the HTTP client itself.
    await expect(follow(server.client, { sleep: pause, maxTries: 4 })).rejects.toMatchObject({
      code: 'server-unavailable',
    });
    expect(waits).toHaveLength(4);
    for (const [index, full] of [500, 1000, 2000, 4000].entries()) {
      expect(waits[index]).toBeGreaterThanOrEqual(full / 2);
      expect(waits[index]).toBeLessThanOrEqual(full);
    }
  });

  it('does not come back to a server that refuses', async () => {
    const refuse: Answer = (response) => {
      const details = { code: 'forbidden', detail: 'You may not see it', problems: [] };
      response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(details));
    };
    await using server = await startAnswers([refuse]);
    await expect(follow(server.client)).rejects.toSatisfy((error) => isBuilderError(error, 'forbidden'));
    expect(server.connections()).toBe(1);
  });

  it('stops at once when it is told to', async () => {
    const stop = new AbortController();
    await using server = await startAnswers([(response) => void begin(response).write(linesEvent(['a'], 2))]);
    setTimeout(() => stop.abort(), 100);
    await expect(follow(server.client, { signal: stop.signal })).rejects.toThrow();
    expect(server.connections()).toBe(1);
  });
});
