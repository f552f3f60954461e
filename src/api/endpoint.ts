import type { z } from 'zod';
import type { ErrorCode } from '../errors.ts';

/** What can be asked over HTTP: one entry says all that server, OpenAPI document and client need to know. */
export interface Endpoint {
  /** `operationId` of the OpenAPI document and name of the client's method: `getImage`. */
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`, parameters in braces: `/images/{name}`. */
  readonly path: `/${string}`;
  /** Heading in the document: `images`. */
  readonly tag: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  /** Values come as texts: use `z.coerce` for numbers. */
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** 204 when there is no `answer`. */
  readonly status: 200 | 201 | 202 | 204;
  readonly answer?: z.ZodType;
  /** What may go wrong besides what may go wrong anywhere. */
  readonly errors?: readonly ErrorCode[];
  /** True when nobody needs to be signed in. */
  readonly isPublic?: boolean;
}

/** Keeps the exact types of an endpoint. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

type Given<T> = T extends z.ZodType ? z.output<T> : undefined;
type Sent<T> = T extends z.ZodType ? z.input<T> : undefined;
type Part<E, K extends PropertyKey> = E extends Readonly<Record<K, infer T>> ? T : undefined;

/** What a handler is given: parsed, defaults filled in. */
export interface Asked<E extends Endpoint> {
  readonly params: Given<Part<E, 'params'>>;
  readonly query: Given<Part<E, 'query'>>;
  readonly body: Given<Part<E, 'body'>>;
}

/** What a client may send. */
export interface Call<E extends Endpoint> {
  readonly params: Sent<Part<E, 'params'>>;
  readonly query: Sent<Part<E, 'query'>>;
  readonly body: Sent<Part<E, 'body'>>;
}

/** What a handler gives, and a client gets. */
export type AnswerOf<E extends Endpoint> =
  Part<E, 'answer'> extends z.ZodType ? z.output<Part<E, 'answer'>> : undefined;
