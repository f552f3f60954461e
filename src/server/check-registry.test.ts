import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { HttpClient } from '../http/http-client.ts';
import { checkRegistry } from './check-registry.ts';

const registryHost = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const credential = { kind: 'password', username: 'AKIAEXAMPLE', password: 'wJalr/secret' } as const;

/** ECR, whose registry answers so when an upload is opened. */
function ecrWith(uploadAnswer: { readonly status: number; readonly code: string }): HttpClient {
  return {
    async request({ url }) {
      const { hostname, pathname } = new URL(url);
      const answer = (status: number, body: object) => ({
        ...{ status, headers: {}, url: new URL(url) },
        body: Readable.from([Buffer.from(JSON.stringify(body))]),
      });
      const authorizationToken = Buffer.from('AWS:minted').toString('base64');
      if (hostname.startsWith('api.')) return answer(200, { authorizationData: [{ authorizationToken }] });
      if (pathname === '/v2/') return answer(200, {});
      return answer(uploadAnswer.status, { errors: [{ code: uploadAnswer.code, message: 'no' }] });
    },
  };
}

const check = (http: HttpClient) =>
  checkRegistry(
    {
      source: 'stored',
      registryHost,
      credential,
      target: `${registryHost}/team/`,
      plainHttp: false,
      insecureSkipVerify: false,
    },
    { http, signal: new AbortController().signal },
  );

describe('a registry of ECR', () => {
  it('may lack the repository, which a build makes', async () => {
    expect((await check(ecrWith({ status: 404, code: 'NAME_UNKNOWN' }))).at(-1)).toMatchObject({
      check: 'may-push',
      result: 'skipped',
    });
  });

  it('does not pass when pushing is refused', async () => {
    expect((await check(ecrWith({ status: 403, code: 'DENIED' }))).at(-1)).toMatchObject({
      check: 'may-push',
      result: 'failed',
    });
  });
});
