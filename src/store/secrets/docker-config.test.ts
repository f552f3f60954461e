import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { credentialOf, readDockerConfig } from './docker-config.ts';

const auth = (pair: string) => ({ auth: Buffer.from(pair).toString('base64') });

describe('a docker configuration', () => {
  const config = {
    auths: {
      'https://index.docker.io/v1/': auth('me:p:w'),
      'registry.example.com:5000': { username: 'you', password: 'pw' },
      'tokens.example.com': { auth: '', identitytoken: 'tok' },
    },
    HttpHeaders: { 'User-Agent': 'Docker-Client/19.03' },
  };
  const hosts = [
    { registryHost: 'docker.io', username: 'me', password: 'p:w' },
    { registryHost: 'registry.example.com:5000', username: 'you', password: 'pw' },
    { registryHost: 'tokens.example.com', username: '<token>', password: 'tok' },
  ];

  it.each([
    ['an object', config],
    ['its text', ` ${JSON.stringify(config, null, 2)}\n`],
    ['base64 as in a Kubernetes secret', Buffer.from(JSON.stringify(config)).toString('base64')],
  ])('is read from %s', (_, given) => {
    expect(readDockerConfig(given)).toEqual(hosts);
  });

  it('gives what a registry is shown', () => {
    expect(hosts.map(credentialOf)).toEqual([
      { kind: 'password', username: 'me', password: 'p:w' },
      { kind: 'password', username: 'you', password: 'pw' },
      { kind: 'identity-token', token: 'tok' },
    ]);
  });

  it.each([
    ['hunter2', ['dockerConfigJson']],
    [[], ['dockerConfigJson']],
    [{}, ['dockerConfigJson.auths']],
    [{ auths: { 'a.example.com': {} } }, ['dockerConfigJson.auths.a.example.com']],
    [{ auths: { 'a.example.com': { auth: 'aHVudGVyMg==' } } }, ['dockerConfigJson.auths.a.example.com']],
    [{ auths: { 'a.example.com/team': auth('me:hunter2') } }, ['dockerConfigJson.auths.a.example.com/team']],
    [{ auths: { 'https://me:hunter2@a.example.com': auth('me:hunter2') } }, ['dockerConfigJson.auths.a.example.com']],
    [{ auths: { 'a.example.com': auth('m\ne:hunter2') } }, ['dockerConfigJson.auths.a.example.com']],
    [
      { auths: { 'docker.io': auth('me:hunter2'), 'https://index.docker.io/v1/': auth('me:hunter2') } },
      ['dockerConfigJson.auths.https://index.docker.io/v1/'],
    ],
    [
      { credsStore: 'desktop', credHelpers: { 'b.example.com': 'ecr-login' }, auths: { 'a.example.com': 5 } },
      ['dockerConfigJson.credsStore', 'dockerConfigJson.credHelpers', 'dockerConfigJson.auths.a.example.com'],
    ],
  ])('is refused with every reason and no secret: %j', (given, fields) => {
    const error = (() => {
      try {
        return readDockerConfig(given);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toMatchObject({ code: 'request-invalid', problems: fields.map((field) => ({ field })) });
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|aHVudGVyMg/);
  });

  it('is read or refused, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.anything(), fc.record({ auths: fc.dictionary(fc.string(), fc.jsonValue()) })),
        (given) => {
          try {
            for (const { registryHost } of readDockerConfig(given)) expect(registryHost).toMatch(/^[\w.[\]:-]+$/);
          } catch (error) {
            expect(error).toMatchObject({ code: 'request-invalid' });
          }
        },
      ),
    );
  });
});
