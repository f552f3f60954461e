import { BuilderError } from '../../errors.ts';

/** Error codes of distribution-spec "Error Codes" and the HTTP status each is answered with, unless told otherwise. */
const statusOf = {
  BLOB_UNKNOWN: 404,
  BLOB_UPLOAD_INVALID: 416,
  BLOB_UPLOAD_UNKNOWN: 404,
  DIGEST_INVALID: 400,
  MANIFEST_BLOB_UNKNOWN: 400,
  MANIFEST_INVALID: 400,
  MANIFEST_UNKNOWN: 404,
  NAME_INVALID: 400,
  NAME_UNKNOWN: 404,
  SIZE_INVALID: 400,
  UNAUTHORIZED: 401,
  DENIED: 403,
  UNSUPPORTED: 405,
  TOOMANYREQUESTS: 429,
  UNKNOWN: 500,
} as const;

export type RegistryErrorCode = keyof typeof statusOf;

/** What the registry answers a client with instead of what it asked for. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
  readonly code: RegistryErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: RegistryErrorCode,
    message: string,
    options: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    this.code = code;
    this.status = options.status ?? statusOf[code];
    this.headers = options.headers ?? {};
  }
}

/** Gives what went wrong below the words of the protocol; `undefined` for what is our own bug. */
export function asRegistryError(error: unknown): RegistryError | undefined {
  if (error instanceof RegistryError) return error;
  if (!(error instanceof BuilderError)) return undefined;
  switch (error.code) {
    case 'content-mismatch':
      return new RegistryError('DIGEST_INVALID', error.message);
    case 'range-invalid':
      return new RegistryError('BLOB_UPLOAD_INVALID', error.message);
    case 'disk-full':
      return new RegistryError('UNKNOWN', error.message, { status: 507 });
    case 'database-unavailable':
      return new RegistryError('UNKNOWN', 'The registry cannot look things up at the moment', { status: 503 });
    default:
      return undefined;
  }
}

/** The JSON error list of distribution-spec "Error Codes". */
export function errorResponse({ code, message, status, headers }: RegistryError): Response {
  return Response.json({ errors: [{ code, message }] }, { status, headers });
}
