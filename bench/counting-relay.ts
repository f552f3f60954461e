import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { runCommand, tryCommand } from '../test/run-command.ts';

/** A TCP relay to a registry that counts what clients send, so that all contestants are counted alike. */
export interface CountingRelay extends AsyncDisposable {
  /** `127.0.0.1:40001` */
  readonly host: string;
  /** Bytes that clients sent since the last call, request heads included; `undefined` where nobody counts. */
  takeSentBytes(): Promise<number | undefined>;
}

const root = resolve(import.meta.dirname, '..');

/**
 * Compiles and starts the relay, which is written in Go: one in JavaScript took a tenth of the processors from whoever was measured.
 * Without Go, contestants talk to the registry itself.
 */
export async function startCountingRelay(target: string): Promise<CountingRelay> {
  const program = await compile();
  if (program === undefined) {
    return { host: target, takeSentBytes: async () => undefined, async [Symbol.asyncDispose]() {} };
  }
  const child = spawn(program, [target], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the relay has ended');
    return value;
  };
  return {
    host: await nextLine(),
    async takeSentBytes() {
      child.stdin.write('\n');
      return Number(await nextLine());
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

async function compile(): Promise<string | undefined> {
  const go = await tryCommand('go', ['version']).catch(() => undefined);
  if (go?.exitCode !== 0) return undefined;
  const program = join(root, '.tools/bench/relay');
  await mkdir(join(root, '.tools/bench'), { recursive: true });
  await runCommand('go', ['build', '-o', program, join(root, 'bench/relay/main.go')]);
  return program;
}
