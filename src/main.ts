import { say } from './sentence.ts';

const { runCli } = await import('./cli/run-cli.ts');
const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
const { BuilderError } = await import('./errors.ts');

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait for anything.
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort(new BuilderError('cancelled', say`Cancelled`));
  });
}
// A reader that went away (`| head`) is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), {
  version: manifest.version,
  env: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
});
