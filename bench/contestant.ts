/** What a contestant builds: packages on the base, into a repository of the registry. */
export interface BenchBuild {
  /** `127.0.0.1:40001`; it asks for no credentials and speaks plain HTTP. */
  readonly registry: string;
  /** Repository of the base in it; its tag is `latest`. */
  readonly base: string;
  /** Repository to push to. */
  readonly target: string;
  /** pip packages. */
  readonly packages: readonly string[];
  /** apt packages that come before them. */
  readonly apt?: readonly string[];
  /** Ask the package index again, whatever is remembered. */
  readonly fresh?: boolean;
}

/** One way to build images, with caches of its own that are empty when it is opened. */
export interface Contestant extends AsyncDisposable {
  /** Processes that work for it besides those it starts below this one. */
  readonly pids: readonly number[];
  /** Builds and pushes; throws with what it printed when it fails. */
  build(build: BenchBuild): Promise<void>;
}

/** How a contestant is called, and how to begin with nothing cached. */
export interface ContestantKind {
  readonly name: string;
  /** Why it cannot run here, if so. */
  missing(): Promise<string | undefined>;
  open(directory: string, registry: string): Promise<Contestant>;
}
