/** A package that apt would put in or bring to another version. */
export interface SimulatedInstall {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
}

export interface Simulation {
  readonly installs: readonly SimulatedInstall[];
  /** Names of packages of the base that would have to go. */
  readonly removes: readonly string[];
}

/**
 * Reads what `apt-get --simulate install` prints:
 * `Inst libc6 [2.36-9] (2.36-9+deb12u1 Debian:12.5/stable [amd64]) []`, `Remv foo [1.0]`.
 */
export function readSimulation(lines: readonly string[]): Simulation {
  return {
    installs: lines.flatMap((line) => {
      const match = /^Inst (\S+?)(?::[a-z0-9-]+)? (?:\[[^\]]*\] )?\((\S+) .*?\[([a-z0-9-]+)\]\)/.exec(line);
      return match === null ? [] : [{ name: match[1]!, version: match[2]!, architecture: match[3]! }];
    }),
    removes: lines.flatMap((line) => /^Remv (\S+)/.exec(line)?.[1] ?? []),
  };
}

/** Reads what `apt-get install --print-uris` prints: `'http://…/jq_1.6_amd64.deb' jq_1.6_amd64.deb 64432 SHA256:…`. */
export function readUris(lines: readonly string[]): readonly string[] {
  return lines.flatMap((line) => /^'([^']+\.deb)' \S+ \d+/.exec(line)?.[1] ?? []);
}
