import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { TarEntry } from '../rootfs/tar-reader.ts';

/** A layer of what a room's root shows. */
export interface SandboxLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  /** The blob's bytes; asked for once, while the room's storage does not hold the layer. */
  open(signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export interface SandboxRootfs {
  /** As in an image's configuration: `amd64`. */
  readonly architecture: string;
  /** Lowest first. */
  readonly layers: readonly SandboxLayer[];
}

/** Port: the only place where code of packages and base images runs. */
export interface Sandbox {
  /** What is missing on this machine for rooms to open, in words for its administrator; `undefined` when nothing is. */
  missing(): Promise<string | undefined>;
  /** Opens a room whose root shows the layers. Throws `tool-missing`, `build-failed`, `cancelled`, and what `open` of a layer throws. */
  open(rootfs: SandboxRootfs, options: { readonly signal: AbortSignal }): Promise<Room>;
}

/** A root file system in which commands run. What they leave is gone when it is disposed. */
export interface Room extends AsyncDisposable {
  /** Runs a command to its end; any exit code is an answer. Throws `timed-out`, `limit-exceeded`, `cancelled`; nothing of it runs on then. */
  run(command: RoomCommand): Promise<{ readonly exitCode: number }>;
  /** What the commands so far have changed. */
  changes(): Promise<RoomChanges>;
}

export interface RoomCommand {
  /** Program and arguments; no shell reads them. */
  readonly argv: readonly string[];
  /** All that its environment holds besides `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Directories and files of the host that it sees, by the path at which it sees them. */
  readonly mounts?: Readonly<Record<string, { readonly from: string; readonly isWritable?: boolean }>>;
  /** Files of this command alone, in memory only, seen as `/run/secrets/<name>`. */
  readonly secrets?: Readonly<Record<string, Uint8Array>>;
  /** The one place outside that it reaches, by 127.0.0.1:3128; without it there is no network at all. */
  readonly wayOut?: WayOutOfRoom;
  readonly limits: RoomLimits;
  /** Told of each line of its output as it comes, without the line break. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly signal: AbortSignal;
}

/** A proxy of HTTP, which judges where connections lead. */
export interface WayOutOfRoom {
  readonly host: string;
  readonly port: number;
}

/** Where a command finds the way out. */
export const wayOutUrl = 'http://127.0.0.1:3128';

export interface RoomLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly processes: number;
  /** Of what the room's commands may leave. */
  readonly diskBytes: number;
}

export const usualLimits: RoomLimits = {
  timeoutMs: 30 * 60_000,
  memoryBytes: 2 * 1024 ** 3,
  processes: 2000,
  diskBytes: 20 * 1024 ** 3,
};

export interface RoomChanges {
  /** Absolute paths of what lay in the layers below and is gone, sorted. */
  readonly removed: readonly string[];
  /** Directories before what they hold, names in order; the first of hard links is a file. They are read as they are asked for: fails once the room is closed. */
  entries(): AsyncIterable<ChangedEntry>;
}

export interface ChangedEntry extends TarEntry {
  /** Absolute. */
  readonly path: string;
  /** True for a directory that hides what the layers below have in it. */
  readonly isOpaque: boolean;
}
