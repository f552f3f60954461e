import { setTimeout as sleep } from 'node:timers/promises';
import { BuilderError } from '../errors.ts';
import { say } from '../sentence.ts';
import { type Bounds, openBounds } from './bounds.ts';
import type { BuildahStorage } from './buildah-storage.ts';
import { roomScript, waitingScript } from './room-script.ts';
import { runProgram } from './run-program.ts';
import type { RoomCommand, RoomLimits } from './sandbox.ts';
import { forwarderScript, openWayOut, type WayOutSocket } from './way-out.ts';

export interface RoomPlace {
  readonly storage: BuildahStorage;
  readonly container: string;
  /** An empty directory for mounts. */
  readonly directory: string;
  readonly changesDirectory: string;
}

/** Runs a command in a container, in namespaces of its own and within its limits. Throws `timed-out`, `limit-exceeded`, `cancelled`. */
export async function runInRoom(command: RoomCommand, place: RoomPlace): Promise<{ readonly exitCode: number }> {
  const { limits, onLine } = command;
  const { storage, changesDirectory } = place;
  await using bounds = await openBounds(limits);
  await using wayOut = command.wayOut === undefined ? undefined : await openWayOut(command.wayOut);
  const stop = new AbortController();
  const timeout = setTimeout(() => stop.abort(timedOut(limits)), limits.timeoutMs);
  const cancel = () =>
    stop.abort(new BuilderError('cancelled', say`The build was cancelled`, { cause: command.signal.reason }));
  if (command.signal.aborted) cancel();
  command.signal.addEventListener('abort', cancel, { once: true });
  const ended = new AbortController();
  const watching = watch(changesDirectory, { storage, limits, bounds, stop, ended: ended.signal });
  try {
    const exitCode = await runProgram({
      argv: programOf(command, place, { bounds, wayOut }),
      // What buildah leaves behind when it is killed is gone with the room's mounts.
      env: { ...storage.env, TMPDIR: place.directory },
      cwd: storage.directory,
      input: Buffer.concat([Buffer.from('\n'), ...Object.values(command.secrets ?? {})]),
      signal: stop.signal,
      onLine,
      onStart: async ({ pid }) => bounds.add(pid!),
    });
    const exceeded = await bounds.exceeded();
    // Without a process that it wanted it may have ended well and left out a part.
    if (exceeded === 'processes' || (exceeded === 'memory' && exitCode !== 0)) throw limitExceeded(limits, exceeded);
    return { exitCode };
  } finally {
    clearTimeout(timeout);
    command.signal.removeEventListener('abort', cancel);
    ended.abort();
    await watching;
  }
}

interface Means {
  readonly bounds: Bounds;
  readonly wayOut: WayOutSocket | undefined;
}

function programOf(command: RoomCommand, place: RoomPlace, { bounds, wayOut }: Means): string[] {
  const { storage, container, directory } = place;
  const { secrets = {} } = command;
  const forwarder = wayOut === undefined ? [] : [process.execPath, '-e', forwarderScript, wayOut.path];
  return [
    ...['sh', '-c', waitingScript, 'sh'],
    ...storage.asOwner,
    ...['unshare', '--mount', '--pid', '--ipc', '--uts', '--net'],
    ...['--fork', '--kill-child', '--mount-proc', '--'],
    ...['sh', '-c', roomScript, 'sh', directory, String(forwarder.length), ...forwarder],
    ...Object.entries(secrets).flatMap(([name, bytes]) => [secretName(name), String(bytes.length)]),
    '--',
    ...bounds.words,
    ...['buildah', 'run', '--isolation', 'chroot', '--user', '0:0', '--hostname', 'sandbox'],
    ...variablesOf(command),
    ...mountsOf(command, directory),
    ...[container, '--', ...command.argv],
  ];
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function variablesOf({ env = {} }: RoomCommand): string[] {
  return Object.entries({ PATH: path, HOME: '/root', ...env }).flatMap(([name, value]) => [
    '--env',
    `${name}=${value}`,
  ]);
}

function mountsOf({ mounts = {}, secrets = {} }: RoomCommand, directory: string): string[] {
  const shown = Object.entries(mounts).map(([at, { from, isWritable = false }]) => ({ from, at, isWritable }));
  const files = Object.keys(secrets).map((name) => ({
    from: `${directory}/secrets/${name}`,
    at: `/run/secrets/${name}`,
    isWritable: false,
  }));
  return [...shown, ...files].flatMap(({ from, at, isWritable }) => {
    if (/[:,]/.test(from + at)) throw new Error(`"${from}" cannot be mounted at "${at}": the names hold ":" or ","`);
    return ['--volume', `${from}:${at}:${isWritable ? 'rw' : 'ro'}`];
  });
}

function secretName(name: string): string {
  if (!/^[a-z][a-z0-9.-]*$/.test(name)) throw new Error(`"${name}" cannot name a secret`);
  return name;
}

const watchMs = 1000;

interface Watched {
  readonly storage: BuildahStorage;
  readonly limits: RoomLimits;
  readonly bounds: Bounds;
  readonly stop: AbortController;
  readonly ended: AbortSignal;
}

/** Looks at what the room has written and at how many processes it wants, once a second, until it ends or has too much. */
async function watch(directory: string, { storage, limits, bounds, stop, ended }: Watched): Promise<void> {
  try {
    for (;;) {
      await sleep(watchMs, undefined, { signal: ended });
      // What starts processes without end does not end where it is refused one.
      if ((await bounds.exceeded()) === 'processes') stop.abort(limitExceeded(limits, 'processes'));
      let kibibytes = 0;
      await runProgram({
        argv: [...storage.asOwner, 'du', '-skx', directory],
        env: storage.env,
        signal: ended,
        onLine: (line, stream) => {
          if (stream === 'stdout') kibibytes = Number.parseInt(line, 10) || kibibytes;
        },
      });
      if (kibibytes * 1024 > limits.diskBytes) stop.abort(limitExceeded(limits, 'disk'));
    }
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}

function timedOut({ timeoutMs }: RoomLimits): BuilderError {
  return new BuilderError('timed-out', say`It took longer than ${Math.round(timeoutMs / 1000)} s in the sandbox`, {
    hint: say`Ask for less in one image, or ask the administrator for more time.`,
  });
}

function limitExceeded(limits: RoomLimits, what: 'memory' | 'processes' | 'disk'): BuilderError {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 1024 ** 2)} MiB`;
  const bound = {
    memory: say`${mebibytes(limits.memoryBytes)} of memory`,
    processes: say`${limits.processes} processes`,
    disk: say`${mebibytes(limits.diskBytes)} of disk`,
  }[what];
  return new BuilderError('limit-exceeded', say`It wanted more than the ${bound} that there are in the sandbox`, {
    hint: say`Leave out the package that asks for so much, or ask the administrator for more.`,
  });
}
