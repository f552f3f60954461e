import { BuilderError, type ErrorCode, errorTable, type Problem } from '../errors.ts';
import { quoted, say } from '../sentence.ts';
import type { AnswerOf, Call, Endpoint } from './endpoint.ts';
import type { ProblemDetails } from './problem-details.ts';

export interface ClientOptions {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
  /** An API token; absent where a cookie says who asks. */
  readonly token?: string | undefined;
  readonly fetch?: typeof fetch;
}

/** What is sent along: only the parts that the endpoint has. */
export type CallOf<E extends Endpoint> = {
  [K in keyof Call<E> as Call<E>[K] extends undefined ? never : K]: Call<E>[K];
};

/** Asks a server what an endpoint says can be asked. */
export interface ApiClient {
  /** Throws a `BuilderError` with the code, hint and problems that the server gives. */
  call<E extends Endpoint>(
    endpoint: E,
    call: CallOf<E>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<AnswerOf<E>>;
  /** Any path of the server with the same credentials, for streams and downloads. The answer is one of success. */
  open(path: string, init?: RequestInit): Promise<Response>;
}

/** Makes a client for a server. What it sends and gets is typed by the same table that the server answers by. */
export function createApiClient({ url, token, fetch: send = fetch }: ClientOptions): ApiClient {
  async function open(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    const response = await send(new URL(path, url), { ...init, headers }).catch((error) => {
      throw unreachable(url, error);
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  }
  return {
    open,
    async call(endpoint, call, { signal } = {}) {
      const {
        params = {},
        query = {},
        body,
      } = call as Partial<Record<'params' | 'query', Record<string, unknown>>> & { body?: unknown };
      const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_match, name) => encodeURIComponent(String(params[name])));
      const init: RequestInit = {
        method: endpoint.method,
        headers: { accept: 'application/json' },
        ...(signal && { signal }),
      };
      if (endpoint.body !== undefined) {
        init.body = JSON.stringify(body ?? {});
        init.headers = { ...init.headers, 'content-type': 'application/json' };
      }
      const response = await open(`/api/v1${path}${searchOf(query)}`, init);
      return (endpoint.answer === undefined ? undefined : await response.json()) as never;
    },
  };
}

function searchOf(query: Record<string, unknown>): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(
    Object.fromEntries(entries.map(([name, value]) => [name, String(value)])),
  ).toString();
  return search === '' ? '' : `?${search}`;
}

function unreachable(url: string, cause: unknown): unknown {
  if (cause instanceof Error && cause.name === 'AbortError') return cause;
  return new BuilderError('server-unavailable', say`No Imagewright answers at ${url}`, {
    hint: say`Check the address, and that the server runs ("imagewright up").`,
    cause,
  });
}

/** What stands between us and the server (a proxy) does not speak our language. */
function codeOf(status: number): ErrorCode {
  return status >= 502 && status <= 504 ? 'server-unavailable' : 'server-error';
}

async function errorOf(response: Response): Promise<BuilderError> {
  const details = await response.json().then(
    (value) => value as Partial<ProblemDetails>,
    () => ({}) as Partial<ProblemDetails>,
  );
  const code =
    details.code !== undefined && details.code in errorTable ? (details.code as ErrorCode) : codeOf(response.status);
  return new BuilderError(
    code,
    details.detail === undefined ? say`The server answers ${response.status}` : quoted(details.detail),
    {
      hint: details.hint === undefined ? undefined : quoted(details.hint),
      problems: (details.problems ?? []) as readonly unknown[] as readonly Problem[],
      current: details.current,
    },
  );
}
