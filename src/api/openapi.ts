import { z } from 'zod';
import { type ErrorCode, errorTable } from '../errors.ts';
import type { Endpoint } from './endpoint.ts';
import { problemDetailsSchema } from './problem-details.ts';

type JsonObject = Record<string, unknown>;

/** What may go wrong wherever somebody asks. */
const commonErrors: readonly ErrorCode[] = ['request-invalid', 'unauthorized'];

/** Describes the endpoints as an OpenAPI 3.1 document. Schemas with an `id` become components. */
export function openApiDocument(endpoints: readonly Endpoint[], { version }: { readonly version: string }): JsonObject {
  const components = createComponents();
  const paths: Record<string, JsonObject> = {};
  for (const each of endpoints) {
    const path = `/api/v1${each.path}`;
    paths[path] = { ...paths[path], [each.method.toLowerCase()]: operationOf(each, components) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Imagewright',
      version,
      description: 'Container images for data-science platforms: a base image plus apt, conda and pip packages.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token.' },
        session: { type: 'apiKey', in: 'cookie', name: 'imagewright_session' },
      },
    },
  };
}

function operationOf(each: Endpoint, components: Components): JsonObject {
  const { id, tag, summary, status, params, query, body, answer, isPublic } = each;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(isPublic && { security: [] }),
    parameters: [...parametersOf('path', params, components), ...parametersOf('query', query, components)],
    ...(body && {
      requestBody: {
        required: !body.safeParse({}).success,
        content: content('application/json', components.of(body, 'input')),
      },
    }),
    responses: {
      [status]: {
        description: summary,
        ...(answer && { content: content('application/json', components.of(answer, 'output')) }),
      },
      ...errorsOf(each, components),
    },
  };
}

/** The answers that are errors, one for each status, with the codes that it stands for. */
function errorsOf({ errors = [], isPublic }: Endpoint, components: Components): JsonObject {
  const codes = [...commonErrors.filter((code) => !isPublic || code !== 'unauthorized'), ...errors];
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorTable[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const schema = components.of(problemDetailsSchema, 'output');
  const answers = [...byStatus].map(([status, found]) => [
    status,
    { description: [...new Set(found)].join(', '), content: content('application/problem+json', schema) },
  ]);
  return {
    ...Object.fromEntries(answers),
    default: { description: 'Any other error.', content: content('application/problem+json', schema) },
  };
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject | undefined, components: Components): JsonObject[] {
  if (schema === undefined) return [];
  const object = components.of(schema, 'input') as { properties?: Record<string, JsonObject>; required?: string[] };
  return Object.entries(object.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: place,
      required: place === 'path' || (object.required ?? []).includes(name),
      ...(description !== undefined && { description }),
      schema: rest,
    };
  });
}

function content(type: string, schema: JsonObject): JsonObject {
  return { [type]: { schema } };
}

interface Components {
  readonly schemas: Record<string, JsonObject>;
  of(schema: z.ZodType, io: 'input' | 'output'): JsonObject;
}

/** Collects what has an `id`: what is sent may leave out what has a default, so it is a component of its own. */
function createComponents(): Components {
  const schemas: Record<string, JsonObject> = {};
  return {
    schemas,
    of(schema, io) {
      const nameOf = (id: string) => (io === 'input' ? `${id}Input` : id);
      const { $schema: _, $defs, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as JsonObject;
      const withRefs = (value: unknown): JsonObject =>
        JSON.parse(
          JSON.stringify(value).replaceAll(
            /"#\/\$defs\/([\w.-]+)"/g,
            (_match, id) => `"#/components/schemas/${nameOf(id)}"`,
          ),
        );
      for (const [id, definition] of Object.entries(($defs ?? {}) as Record<string, JsonObject>)) {
        schemas[nameOf(id)] = withRefs(withoutId(definition));
      }
      if (typeof own.id !== 'string') return withRefs(own);
      schemas[nameOf(own.id)] = withRefs(withoutId(own));
      return { $ref: `#/components/schemas/${nameOf(own.id)}` };
    },
  };
}

function withoutId({ id: _, ...rest }: JsonObject): JsonObject {
  return rest;
}
