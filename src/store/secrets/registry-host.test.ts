import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseRegistryHost } from './registry-host.ts';

describe('the host of a registry', () => {
  it.each([
    ['registry.example.com', 'registry.example.com'],
    [' https://Registry.Example.com:5000/v2/ ', 'registry.example.com:5000'],
    ['http://127.0.0.1:5000', '127.0.0.1:5000'],
    ['localhost', 'localhost'],
    ['[::1]:5000', '[::1]:5000'],
    ['https://index.docker.io/v1/', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['registry.hub.docker.com', 'docker.io'],
    ['docker.io', 'docker.io'],
  ])('%j is %s', (text, host) => {
    expect(parseRegistryHost(text, 'host')).toBe(host);
  });

  it.each([
    ['', 'not a host name'],
    ['registry', 'not a host name'],
    ['registry.example.com/team', 'has a path'],
    ['https://me:hunter2@registry.example.com', 'a user name or a password'],
    ['me:hunter2@registry.example.com', 'a user name or a password'],
    ['ftp://registry.example.com', 'has a path'],
    ['registry.example.com:hunter2', 'not a host name'],
    ['registry example.com', 'not a host name'],
  ])('%j is none, and is not quoted', (text, why) => {
    const parse = () => parseRegistryHost(text, 'host');
    expect(parse).toThrow(why);
    expect(parse).toThrow(expect.objectContaining({ problems: [expect.objectContaining({ field: 'host' })] }));
    const error = (() => {
      try {
        return parse();
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(inspect(error)).not.toContain('hunter2');
  });
});
