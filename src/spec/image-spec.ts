/** The kinds of packages, in the order they are laid down. */
export const ecosystems = ['apt', 'conda', 'pip'] as const;
export type Ecosystem = (typeof ecosystems)[number];

/** One line of a package list, as typed. */
export interface PackageLine {
  /** Counted from 1 over the lines as typed, blank ones and comments too. */
  readonly line: number;
  /** Without comment and surrounding white space; never empty. */
  readonly text: string;
}

/** What the user asked. Lines are kept as typed; what they mean is for `lock/` to say. */
export interface ImageSpec {
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly type: 'cpu' | 'gpu' | 'universal';
  /** Reference of the base image, as typed. */
  readonly base: string;
  /** The version of CUDA that the machines have which run the image, for conda packages that need it: `12.4`. */
  readonly cuda?: string;
  readonly packages: Readonly<Record<Ecosystem, readonly PackageLine[]>>;
  /** Whether the modules of pip packages are laid down compiled as well, so that their first import is quick. */
  readonly compileBytecode?: boolean;
}
