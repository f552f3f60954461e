import { BuilderError, type ErrorCode } from '../../errors.ts';
import { discardBody } from '../../http/discard-body.ts';
import type { HttpResponse } from '../../http/http-client.ts';
import { readBody } from '../../http/read-body.ts';
import { formatRepository, type Repository } from '../../oci/reference.ts';
import { type Sentence, say } from '../../sentence.ts';

const maxErrorBytes = 64 * 1024;
const maxToldLength = 300;

/** What was asked of whom, for the message: "push a blob to registry.example.com/team/python". */
export interface Asked {
  /** `read the manifest 3.11 of` */
  readonly what: string;
  readonly repository: Repository;
  /** Absent where none are wanted. */
  readonly sentCredentials?: boolean;
}

/** The error for an answer that is none: its code by the status, its message with the registry's own reason (distribution-spec "Error Codes"). */
export async function registryError(response: HttpResponse, asked: Asked): Promise<BuilderError> {
  return refusalError({ status: response.status, reason: await readReason(response) }, asked);
}

/** What a registry answers in place of what was asked. */
export interface Refusal {
  readonly status: number;
  /** `DENIED You may not push here` */
  readonly reason: string | undefined;
}

/** The error for a refusal. */
export function refusalError({ status, reason }: Refusal, asked: Asked): BuilderError {
  const code = codeOf(status);
  const message = say`Cannot ${asked.what} ${formatRepository(asked.repository)}: the registry answered ${status}`;
  return new BuilderError(code, reason === undefined ? message : say`${message} (${reason})`, {
    hint: hintFor(code, asked),
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  return status === 429 || status >= 500 ? 'registry-unavailable' : 'registry-refused';
}

function hintFor(code: ErrorCode, { repository, sentCredentials }: Asked): Sentence | undefined {
  if (sentCredentials !== undefined && (code === 'unauthorized' || code === 'forbidden')) {
    return accessHint(repository.registry, sentCredentials);
  }
  if (code === 'registry-unavailable') return say`Try again later.`;
  return undefined;
}

/** How to get access, which depends on whether credentials were sent. */
export function accessHint(registry: string, sentCredentials: boolean): Sentence {
  return sentCredentials
    ? say`Credentials were sent: check that they are right, and that they give access to this repository. "docker login ${registry}" sets them.`
    : say`No credentials were sent: give some with "docker login ${registry}" or --auth-file.`;
}

/** The registry's own words, or `undefined` when it has none that can be shown. */
async function readReason(response: HttpResponse): Promise<string | undefined> {
  try {
    const { errors } = JSON.parse((await readBody(response, maxErrorBytes)).toString()) as { errors?: unknown };
    if (!Array.isArray(errors)) return undefined;
    const told = errors.slice(0, 3).map((error) => `${text(error?.code)} ${text(error?.message)}`.trim());
    return clean(told.filter((line) => line !== '').join('; ')) || undefined;
  } catch {
    // Whatever is wrong with the reason, the status is what the user has to know.
    discardBody(response);
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** One short line without control characters, which could move the cursor of a terminal or forge a line of a log. */
function clean(untrusted: string): string {
  const line = untrusted.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  return line.length <= maxToldLength ? line : `${line.slice(0, maxToldLength)}…`;
}
