/** What stands in a Dockerfile for apt packages. */
export function aptInstall(packages: readonly string[]): string {
  const install = 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends';
  return `apt-get update -qq && ${install} ${packages.join(' ')}`;
}
