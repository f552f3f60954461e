import { describe, expect, it } from 'vitest';
import { readPastedCommands } from './pasted-commands.ts';

const none = { apt: [], conda: [], pip: [] };

describe('readPastedCommands', () => {
  it.each([
    'pip install',
    '$ pip3 install',
    '!pip install',
    '%pip install',
    'sudo -H python3.12 -m pip install',
    'uv pip install',
  ])('knows %j', (command) => {
    const read = readPastedCommands(`${command} numpy 'pandas[excel]>=2' scipy==1.14 # why`);
    expect(read?.packages).toEqual({ ...none, pip: ['numpy', 'pandas[excel]>=2', 'scipy==1.14'] });
  });

  it('says which options it leaves out, with their values', () => {
    const read = readPastedCommands(
      'conda install -y -c conda-forge --channel=nvidia --solver=libmamba numpy=1.26 scipy',
    );
    expect(read?.packages).toEqual({ ...none, conda: ['-c conda-forge -c nvidia numpy=1.26', 'scipy'] });
    expect(read?.leftOut).toEqual(['-y', '--solver=libmamba']);
    const secret = readPastedCommands('conda install -c https://me:secret@conda.example.com/c numpy');
    expect(secret).toEqual({ packages: { ...none, conda: ['numpy'] }, leftOut: ['-c https://conda.example.com/c'] });
  });

  it('reads the commands of a Dockerfile over several lines', () => {
    const text =
      'RUN apt-get update && \\\n  apt-get install -y --no-install-recommends \\\r\n  git curl=7.88 && pip install numpy>=1';
    expect(readPastedCommands(text)).toEqual({
      packages: { apt: ['git', 'curl=7.88'], conda: [], pip: ['numpy>=1'] },
      leftOut: ['RUN apt-get update', '-y', '--no-install-recommends'],
    });
  });

  it('parts commands only outside of quotes', () => {
    const read = readPastedCommands(`pip install "a; python_version<'3.9' && x" b; pip install 'c || d'||true`);
    expect(read?.packages.pip).toEqual(["a; python_version<'3.9' && x", 'b', 'c || d']);
    expect(read?.leftOut).toEqual(['true']);
  });

  it('shows no secrets in what it leaves out', () => {
    const read = readPastedCommands(
      'TOKEN=secret pip install -i https://me:secret@pypi.example.com/simple?key=secret numpy && curl https://x.org/?k=secret',
    );
    expect(read?.packages.pip).toEqual(['numpy']);
    expect(read?.leftOut).toEqual(['TOKEN=…', '-i https://pypi.example.com/simple', 'curl https://x.org/']);
  });

  it('keeps a marker with its semicolon whole', () => {
    const read = readPastedCommands(`pip install "tomli; python_version < '3.11'"`);
    expect(read?.packages.pip).toEqual(["tomli; python_version < '3.11'"]);
  });

  it.each(['numpy\npandas>=2\n', 'pip\ninstall', '# pip install numpy', ''])('leaves %j as it is', (text) => {
    expect(readPastedCommands(text)).toBeUndefined();
  });
});
