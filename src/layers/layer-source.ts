/** A file, directory or link that a package puts into the image. */
export interface LayerEntry {
  /** Absolute path as the package means it, links of the base not yet followed: `/usr/local/bin/black`. */
  readonly path: string;
  readonly content: EntryContent;
  /** Permission bits; directories need not be told, all parents are made. */
  readonly mode: number;
  /** When the package says its content was last changed, seconds since 1970; only for what is compared with it, as compiled Python is. */
  readonly mtimeSeconds?: number;
}

export type EntryContent =
  | { readonly type: 'bytes'; readonly bytes: Uint8Array; readonly deflated?: DeflatedContent | undefined }
  /** A large file: exactly `sizeBytes` in all. */
  | {
      readonly type: 'stream';
      readonly sizeBytes: number;
      open(): AsyncIterable<Uint8Array>;
      readonly deflated?: DeflatedContent | undefined;
    }
  | { readonly type: 'directory' }
  | { readonly type: 'symlink'; readonly target: string }
  /** Another name of a file that the same source has given before, by its path. */
  | { readonly type: 'hardlink'; readonly target: string };

/** The content of a file as its archive holds it, so that nobody has to compress it again. */
export interface DeflatedContent {
  readonly sizeBytes: number;
  readonly crc32: number;
  /**
   * One whole raw deflate stream (RFC 1951) of exactly that content. Asked for only when the content was read to its end and nothing
   * was thrown: whoever gives the content has seen by then that the stream ends where it should. Each piece is good until the next.
   */
  open(): Iterable<Uint8Array>;
}

/**
 * Port: what one package puts into the image. It is opened in a worker thread, so it is described by data: the module that
 * knows the format, and its input.
 */
export interface LayerSource {
  /** All that can change what the source gives, except the base's directories: package hash, scheme, options. Part of the layer cache's key. */
  readonly key: string;
  /** What it is for people, e.g. `numpy 2.4.6`. */
  readonly title: string;
  /** URL of a module that exports `openLayerSource`. */
  readonly module: string;
  /** What that function is given; survives `structuredClone`. */
  readonly input: unknown;
  /** Bytes to fetch when the layer is not cached. */
  readonly downloadBytes: number;
  /** Makes the input available, e.g. fetches the archive and verifies its hash. Called in the main thread, and only when the layer is not cached. */
  prepare(options: PrepareOptions): Promise<void>;
}

export interface PrepareOptions {
  readonly signal: AbortSignal;
  /** Told of bytes as they come. */
  readonly onBytes?: (bytes: number) => void;
}

/** The export of a layer source's module. Throws `package-corrupt` or `package-conflict` for a package that lies. */
export type OpenLayerSource = (input: never) => Promise<OpenedLayerSource>;

export interface OpenedLayerSource extends AsyncDisposable {
  /** Every directory and file path the source will give, known before any content is read. */
  readonly paths: readonly { readonly path: string; readonly isDirectory: boolean }[];
  /** In the order of their bytes in the archive is fine; the assembler sorts by path only where it must. */
  entries(): AsyncIterable<LayerEntry>;
}
