import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { HttpClient, HttpRequest } from '../../http/http-client.ts';
import { type AccessKey, createEcrRepository, mintEcrPassword, needsEcrToken } from './ecr.ts';

const registry = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const key: AccessKey = { kind: 'password', username: 'AKIAEXAMPLE', password: 'wJalr/secret' };

/** Answers as ECR's API does, to requests that the key has signed. */
function ecr(repositories: Set<string>): { readonly http: HttpClient; readonly asked: string[] } {
  const asked: string[] = [];
  const answerTo = (action: string, input: { repositoryName?: string }): [number, object] => {
    if (action === 'GetAuthorizationToken') {
      const authorizationToken = Buffer.from('AWS:minted:password').toString('base64');
      return [200, { authorizationData: [{ authorizationToken, expiresAt: 1.8e9 }] }];
    }
    const name = input.repositoryName!;
    if (name.startsWith('denied/')) return [400, { __type: 'AccessDeniedException' }];
    if (repositories.has(name)) return [400, { __type: 'com.amazonaws.ecr#RepositoryAlreadyExistsException' }];
    repositories.add(name);
    return [200, { repository: { repositoryName: name } }];
  };
  return {
    asked,
    http: {
      async request(request) {
        const { headers = {}, body, url } = request;
        const action = headers['x-amz-target']!.split('.')[1]!;
        asked.push(`${url} ${action}`);
        const isSigned = headers.authorization === signatureOf(request, key);
        const [status, answer] = isSigned
          ? answerTo(action, JSON.parse(Buffer.from(body as Uint8Array).toString()))
          : [400, { __type: 'InvalidSignatureException' }];
        return { status, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(answer))]), url: new URL(url) };
      },
    },
  };
}

/** AWS Signature Version 4, from its description: canonical request, string to sign, derived key. */
function signatureOf({ headers = {}, body, url }: HttpRequest, { username, password }: AccessKey): string {
  const [, names] = /SignedHeaders=([^,]+)/.exec(headers.authorization!)!;
  const { host } = new URL(url);
  const canonicalHeaders = names!.split(';').map((name) => `${name}:${name === 'host' ? host : headers[name]}\n`);
  const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest('hex');
  const request = ['POST', '/', '', canonicalHeaders.join(''), names, sha256(body as Uint8Array)].join('\n');
  const time = headers['x-amz-date']!;
  const scope = [time.slice(0, 8), 'eu-west-1', 'ecr', 'aws4_request'];
  const hmac = (secret: Buffer | string, data: string) => createHmac('sha256', secret).update(data).digest();
  const derived = scope.reduce<Buffer | string>((secret, part) => hmac(secret, part), `AWS4${password}`);
  const signature = hmac(derived as Buffer, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(request)].join('\n'));
  const credential = `${username}/${scope.join('/')}`;
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature.toString('hex')}`;
}

describe('ECR', () => {
  it('is known by its host, and wants a password where only an access key is given', () => {
    expect(needsEcrToken(registry, key)).toBe(true);
    expect(needsEcrToken('123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', key)).toBe(true);
    expect(needsEcrToken('123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', key)).toBe(true);
    expect(needsEcrToken(registry, { ...key, username: 'AWS' })).toBe(false);
    expect(needsEcrToken(registry, undefined)).toBe(false);
    expect(needsEcrToken('123456789012.dkr.ecr.eu-west-1.amazonaws.com.example.com', key)).toBe(false);
  });

  it('mints a password for a request that the key has signed', async () => {
    const { http, asked } = ecr(new Set());
    const minted = await mintEcrPassword({ http, registry, key });
    expect(minted).toEqual({ kind: 'password', username: 'AWS', password: 'minted:password' });
    expect(asked).toEqual(['https://api.ecr.eu-west-1.amazonaws.com/ GetAuthorizationToken']);
  });

  it('says that the key is wrong, without it', async () => {
    const { http } = ecr(new Set());
    const minted = mintEcrPassword({ http, registry, key: { ...key, password: 'other-secret' } });
    await expect(minted).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('makes a repository, unless it is there', async () => {
    const repositories = new Set(['team/there']);
    const { http } = ecr(repositories);
    for (const name of ['team/there', 'team/new']) await createEcrRepository({ registry, name }, { http, key });
    expect([...repositories]).toEqual(['team/there', 'team/new']);
  });

  it('leaves a repository that the key may not make to the push, which says whether it is there', async () => {
    const { http, asked } = ecr(new Set());
    await createEcrRepository({ registry, name: 'denied/x' }, { http, key });
    expect(asked).toEqual(['https://api.ecr.eu-west-1.amazonaws.com/ CreateRepository']);
  });
});
