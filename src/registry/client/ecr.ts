import { AwsV4Signer } from 'aws4fetch';
import { BuilderError } from '../../errors.ts';
import type { HttpClient } from '../../http/http-client.ts';
import { readBody } from '../../http/read-body.ts';
import { isObject } from '../../oci/manifest.ts';
import type { Repository } from '../../oci/reference.ts';
import { say } from '../../sentence.ts';
import type { Credential } from './credentials.ts';

/*
 * Amazon's registry (Elastic Container Registry) takes no lasting password: one is minted with an access key and is good for twelve hours.
 * It also makes no repository by itself. Both are asked of its API, which is signed (AWS Signature Version 4).
 */

/** An access key of AWS: its ID as user name, its secret as password. */
export type AccessKey = Extract<Credential, { kind: 'password' }>;

const hostPattern = /^\d{12}\.dkr\.(ecr(?:-fips)?)\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)$/;
const maxAnswerBytes = 1024 * 1024;

/** True for a registry of ECR (`123456789012.dkr.ecr.eu-west-1.amazonaws.com`) with an access key: the user `AWS` has a password already. */
export function needsEcrToken(registry: string, credential: Credential | undefined): credential is AccessKey {
  return hostPattern.test(registry) && credential?.kind === 'password' && credential.username !== 'AWS';
}

interface EcrRequest {
  readonly http: HttpClient;
  readonly registry: string;
  readonly key: AccessKey;
  readonly signal?: AbortSignal | undefined;
}

/** Mints a password. Throws `unauthorized`, `forbidden`, `registry-unavailable`, `registry-invalid-response`. */
export async function mintEcrPassword(request: EcrRequest): Promise<Credential> {
  const { status, answer } = await call(request, 'GetAuthorizationToken', {});
  if (status !== 200) throw refusal(request.registry, say`mint a password`, status, answer);
  const [data] = Array.isArray(answer.authorizationData) ? answer.authorizationData : [];
  const token: unknown = isObject(data) ? data.authorizationToken : undefined;
  const pair = typeof token === 'string' ? Buffer.from(token, 'base64').toString() : '';
  const cut = pair.indexOf(':');
  if (cut < 1) throw new BuilderError('registry-invalid-response', say`${request.registry} minted no password`);
  return { kind: 'password', username: pair.slice(0, cut), password: pair.slice(cut + 1) };
}

/** Makes a repository, unless it is there, or the key may not make one: the push then says whether it is missing. Throws as `mintEcrPassword` does. */
export async function createEcrRepository(
  { name, registry }: Repository,
  request: Omit<EcrRequest, 'registry'>,
): Promise<void> {
  const { status, answer } = await call({ ...request, registry }, 'CreateRepository', { repositoryName: name });
  if (status === 200 || ['RepositoryAlreadyExistsException', 'AccessDeniedException'].includes(errorOf(answer))) return;
  throw refusal(registry, say`make the repository ${name}`, status, answer);
}

type Answer = Readonly<Record<string, unknown>>;

async function call(
  { http, registry, key, signal }: EcrRequest,
  action: string,
  input: Readonly<Record<string, string>>,
): Promise<{ readonly status: number; readonly answer: Answer }> {
  const [, service, region, domain] = hostPattern.exec(registry)!;
  const url = `https://api.${service}.${region}.${domain}/`;
  const signed = await new AwsV4Signer({
    url,
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${action}`,
    },
    body: JSON.stringify(input),
    accessKeyId: key.username,
    secretAccessKey: key.password,
    service: 'ecr',
    region: region!,
  }).sign();
  const response = await http.request({
    method: 'POST',
    url,
    headers: Object.fromEntries(signed.headers),
    body: Buffer.from(signed.body as string),
    maxRedirects: 0,
    ...(signal && { signal }),
  });
  const text = (await readBody(response, maxAnswerBytes)).toString();
  return { status: response.status, answer: parse(text) };
}

function parse(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    return isObject(answer) ? answer : {};
  } catch {
    return {};
  }
}

/** `RepositoryAlreadyExistsException`, of `com.amazonaws.ecr#RepositoryAlreadyExistsException` too. */
function errorOf({ __type: type }: Answer): string {
  return typeof type === 'string' ? type.replace(/^.*#/, '') : '';
}

const keyErrors = ['UnrecognizedClientException', 'InvalidSignatureException', 'IncompleteSignatureException'];

function refusal(registry: string, what: string, status: number, answer: Answer): BuilderError {
  const error = errorOf(answer) || `status ${status}`;
  const message = say`${registry} does not ${what}: ${error}`;
  if (keyErrors.includes(error)) {
    return new BuilderError('unauthorized', message, {
      hint: say`Check the access key: its ID as user name, its secret as password.`,
    });
  }
  if (error === 'AccessDeniedException') {
    const hint = say`Allow ecr:GetAuthorizationToken, ecr:CreateRepository and pushing to the owner of the access key.`;
    return new BuilderError('forbidden', message, { hint });
  }
  return new BuilderError('registry-invalid-response', message);
}
