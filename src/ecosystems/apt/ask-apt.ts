import { constants } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BuilderError } from '../../errors.ts';
import type { Room, RoomCommand } from '../../sandbox/sandbox.ts';
import { say } from '../../sentence.ts';

/** What a command has written, line by line. */
export interface AptAnswer {
  readonly exitCode: number;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
}

const aptEnv = { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive', DEBCONF_NONINTERACTIVE_SEEN: 'true' };

const seenAt = '/run/imagewright/answer';
const streams = ['stdout', 'stderr'] as const;

/** Perl belongs to every Debian (perl-base is essential). */
const intoFiles = `
my $directory = shift;
open STDOUT, '>', "$directory/stdout" or die "$directory: $!";
open STDERR, '>', "$directory/stderr" or die "$directory: $!";
exec { $ARGV[0] } @ARGV or exit 127;
`;

/**
 * Runs a command of apt or dpkg for the sake of what it writes. It writes into files: buildah passes on what comes through pipes, and loses the end of it
 * where the machine is busy.
 */
export async function askApt(room: Room, command: Omit<RoomCommand, 'onLine'>): Promise<AptAnswer> {
  const directory = await mkdtemp(join(tmpdir(), 'imagewright-apt-'));
  try {
    const { exitCode } = await room.run({
      ...command,
      argv: ['perl', '-e', intoFiles, seenAt, ...command.argv],
      env: { ...aptEnv, ...command.env },
      mounts: { ...command.mounts, [seenAt]: { from: directory, isWritable: true } },
    });
    const [stdout, stderr] = await Promise.all(streams.map((name) => readLines(join(directory, name))));
    return { exitCode, stdout: stdout!, stderr: stderr! };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const maxAnswerBytes = 256 * 1024 * 1024;

/** What is read was written in the room, where a link may have been put in the place of the file. */
async function readLines(file: string): Promise<readonly string[]> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  await using opened = await open(file, flags).catch((error) => {
    // Where not even Perl was found there is nothing.
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (opened === undefined) return [];
  const { size } = await opened.stat();
  if (size > maxAnswerBytes) throw new BuilderError('limit-exceeded', say`apt in the base answers without end`);
  const text = await opened.readFile('utf8');
  return text.split(/\r?\n/).filter((line, index, all) => line !== '' || index < all.length - 1);
}

/** Ends as the command does once all that was written has been read. The number is FIONREAD, ioctl_list(2). */
const untilRead = `
my $ended = system { $ARGV[0] } @ARGV;
for my $stream (*STDOUT, *STDERR) {
  for (1 .. 500) {
    my $unread = pack("L", 0);
    last unless ioctl($stream, 0x541B, $unread) && unpack("L", $unread);
    select(undef, undef, undef, 0.01);
  }
}
exit($ended & 127 ? 128 + ($ended & 127) : $ended >> 8);
`;

/** Runs a command of apt that people watch: each line is told as it comes. The last ones may be lost where the machine is very busy. */
export async function runApt(
  room: Room,
  command: Omit<RoomCommand, 'onLine'> & { readonly onLine: (line: string) => void },
): Promise<AptAnswer> {
  const written = { stdout: [] as string[], stderr: [] as string[] };
  const { exitCode } = await room.run({
    ...command,
    argv: ['perl', '-e', untilRead, ...command.argv],
    env: { ...aptEnv, ...command.env },
    onLine: (line, stream) => {
      written[stream].push(line);
      command.onLine(line);
    },
  });
  return { exitCode, ...written };
}
