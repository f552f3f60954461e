import type { Problem } from '../errors.ts';
import type { ResolvedImage } from '../registry/client/resolved-image.ts';
import type { LayerIndex } from '../rootfs/layer-index.ts';
import type { Rootfs } from '../rootfs/rootfs.ts';
import type { LikelyPython } from '../rootfs/watch-for-python.ts';
import type { Sentence } from '../sentence.ts';
import type { Ecosystem, PackageLine } from '../spec/image-spec.ts';
import type { LockedPackage, LockedPrefix, LockedPython } from './lock.ts';

/** What a resolver is asked: the lines of its ecosystem, and the base they are for. */
export interface ResolveRequest {
  readonly lines: readonly PackageLine[];
  readonly base: ResolvedImage;
  /** What is there when the packages come: the base, and what ecosystems that were asked before leave on it. */
  readonly rootfs: Rootfs;
  /** The version of CUDA that whoever runs the image has, where the spec says: `12.4`. */
  readonly cuda?: string | undefined;
  /** What `rootfs` is made of; absent where what comes before has problems of its own, so that it is not known. */
  readonly below?: {
    /** The base alone: with no variables but its own. */
    readonly base: ResolvedImage;
    /** The base's own content. */
    readonly rootfs: Rootfs;
    /** Of the ecosystems that were asked before. */
    readonly packages: readonly LockedPackage[];
    /** The environment of the conda packages among them. */
    readonly conda?: LockedPrefix;
  };
  /** See `ImageSpec`. */
  readonly compileBytecode?: boolean;
  /** Ask the indexes again, whatever is cached. */
  readonly fresh: boolean;
  readonly signal: AbortSignal;
  /** Told what is begun that may take its time: `Asking the source of odfpy 1.4.1 what it is`. */
  readonly onWork?: (message: Sentence) => void;
}

/** What is known of a request while its base is being read. */
export interface PrefetchRequest extends Pick<ResolveRequest, 'lines' | 'base' | 'signal'> {
  /** The Python of the base by what is seen of it so far; may never settle. */
  readonly likelyPython: Promise<LikelyPython>;
  /** Whether the packages themselves will be wanted after the answer. */
  readonly packagesToo: boolean;
}

/** What the lines mean. */
export interface Resolution {
  readonly packages: readonly LockedPackage[];
  readonly python?: LockedPython;
  readonly conda?: LockedPrefix;
  /** What the user should know though it stops nothing, a sentence each. */
  readonly notices: readonly Sentence[];
  /** Names and versions of what the base has already and the lines ask for. */
  readonly satisfied: readonly { readonly name: string; readonly version: string }[];
  /** What the packages put on top of the base, lowest first, where ecosystems that are asked later should see it; asked for only when there are some. */
  readonly leaves?: () => Promise<readonly LayerIndex[]>;
}

/** Port: the meaning of one ecosystem's package lines. */
export interface Resolver {
  readonly ecosystem: Ecosystem;
  /** Grammar only, no base and no network: the problems of the lines, none when all are well formed. */
  check(lines: readonly PackageLine[]): readonly Problem[];
  /** Told that an answer will be wanted, as early as that is known; left out where nothing has to get ready. */
  readonly warm?: () => void;
  /** Either what the lines mean, or every problem found, each at its line. Throws `BuilderError` when neither can be said. */
  resolve(
    request: ResolveRequest,
  ): Promise<{ readonly resolution: Resolution } | { readonly problems: readonly Problem[] }>;
  /**
   * Fetches what the answer for the lines will likely need, while the base is not known yet, until the signal fires; packages that are on
   * their way by then go on. Only ever a help: it throws nothing, and `resolve` does not rely on it.
   */
  prefetch(request: PrefetchRequest): Promise<void>;
  /** Changes when the same lines may mean something else: resolver version, indexes in force. Part of the lock cache's key. */
  fingerprint(): Promise<string>;
}
