import type { Context, Hono } from 'hono';
import type { z } from 'zod';
import type { AnswerOf, Asked, Endpoint } from '../api/endpoint.ts';
import { BuilderError, type Problem } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { Actor } from './actor.ts';

/** What the app's middleware leaves for handlers. */
export interface ApiEnv {
  Variables: { actor: Actor };
}

export type Handler<E extends Endpoint> = (
  asked: Asked<E> & { readonly actor: Actor; readonly signal: AbortSignal },
) => Promise<AnswerOf<E> | Nothing<E>>;

// biome-ignore lint/suspicious/noConfusingVoidType: a handler without an answer returns nothing.
type Nothing<E extends Endpoint> = AnswerOf<E> extends undefined ? void : never;

const maxBodyBytes = 4 * 1024 * 1024;

/** Answers an endpoint: parses what was sent, refuses it with all its problems, and sends what the handler gives. */
export function serveEndpoint<E extends Endpoint>(app: Hono<ApiEnv>, definition: E, handler: Handler<E>): void {
  const path = definition.path.replaceAll(/\{(\w+)\}/g, ':$1');
  app.on(definition.method, path, async (c) => {
    const asked = {
      params: parsePart(definition.params, c.req.param(), 'path'),
      query: parsePart(definition.query, c.req.query(), 'query'),
      body: definition.body === undefined ? undefined : parsePart(definition.body, await readJson(c), ''),
      actor: c.get('actor'),
      signal: c.req.raw.signal,
    };
    const answer = await handler(asked as Parameters<Handler<E>>[0]);
    if (definition.answer === undefined) return c.body(null, definition.status as 204);
    return c.json(answer as object, definition.status as 200);
  });
}

function parsePart(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (schema === undefined) return undefined;
  // No text of ours may hold it, and PostgreSQL keeps none that does.
  if (JSON.stringify(value).includes('\\u0000')) {
    throw new BuilderError('request-invalid', say`What was sent holds the character U+0000`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new BuilderError('request-invalid', say`What was sent is not what is asked for here`, {
    problems: parsed.error.issues.map((issue) => problemOf(issue, where)),
  });
}

function problemOf({ path, message, code }: z.core.$ZodIssue, where: string): Problem {
  const field = path.map(String).join('.');
  return {
    field: where === '' ? field : `${where}${field === '' ? '' : `.${field}`}`,
    code: code.replaceAll('_', '-'),
    message: quoted(message),
  };
}

async function readJson(c: Context): Promise<unknown> {
  if (Number(c.req.header('content-length') ?? 0) > maxBodyBytes) throw tooLarge();
  const type = c.req.header('content-type') ?? '';
  const bytes = await c.req.arrayBuffer();
  if (bytes.byteLength > maxBodyBytes) throw tooLarge();
  if (bytes.byteLength === 0) return {};
  if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
    throw new BuilderError('request-invalid', say`The body must be JSON`, { hint: say`Send it as application/json.` });
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new BuilderError('request-invalid', say`The body is not well-formed JSON`, { cause: error });
  }
}

function tooLarge(): BuilderError {
  return new BuilderError('limit-exceeded', say`The body is larger than ${maxBodyBytes} bytes`);
}
