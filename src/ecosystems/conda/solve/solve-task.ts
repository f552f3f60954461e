import type { RepodataRecord } from '../repodata/record.ts';

/** A question for the solver. All of it survives `structuredClone`. */
export interface SolveTask {
  /** From the one that is asked first on. A package comes from the first that has it, and from no other. */
  readonly channels: readonly SolveChannel[];
  /** `linux-64` */
  readonly platform: string;
  readonly wanted: readonly WantedSpec[];
  /** What must hold besides, in the solver's spelling: that what the base has stays there, and what it pins. */
  readonly kept: readonly string[];
  readonly installed: readonly InstalledRecord[];
  /** `__glibc` 2.36 and the like: what the machine has. */
  readonly virtual: readonly VirtualPackage[];
}

export interface SolveChannel {
  /** Without credentials, with a slash at its end. */
  readonly url: string;
  /** Where `indexRepodata` left what it has, by subdirectory; one that it does not have is absent. */
  readonly directories: Readonly<Record<string, string>>;
}

export interface WantedSpec {
  readonly name: string;
  /** As `solverSpec` writes it. */
  readonly spec: string;
  /** Number of the one channel that the package may come from. */
  readonly channel?: number;
  readonly subdir?: string;
  readonly md5?: string;
  readonly sha256?: string;
  readonly filename?: string;
}

/** A package of the base's environment, as its record says. */
export interface InstalledRecord {
  readonly filename: string;
  readonly subdir: string;
  readonly record: RepodataRecord;
}

export interface VirtualPackage {
  readonly name: string;
  readonly version: string;
  readonly build: string;
}

export type SolveAnswer =
  | { readonly packages: readonly ChosenPackage[] }
  | {
      /** Numbers of wanted specs of which there is no record. */
      readonly absent: readonly AbsentSpec[];
      /** Why the rest cannot be had. */
      readonly failures: readonly SolveFailure[];
    };

export interface ChosenPackage {
  /** Number of its channel; absent for what is in the base and in no channel. */
  readonly channel?: number;
  readonly subdir: string;
  readonly filename: string;
  readonly record: RepodataRecord;
  /** Where the channel's files are, when not beside the repodata. */
  readonly baseUrl?: string;
}

export interface AbsentSpec {
  readonly wanted: number;
  /** Some channel has a package of the name, but not what the line says besides. */
  readonly nameExists: boolean;
  /** A name that was probably meant. */
  readonly near?: string;
}

export interface SolveFailure {
  /** The solver's tree of reasons. */
  readonly reason: string;
  /** Numbers of the wanted specs that it rests on; none when it is about the base alone. */
  readonly wanted: readonly number[];
  /** Numbers of channels that have the one wanted package too, but are not asked for it: another has it before them. */
  readonly elsewhere?: readonly number[];
}
