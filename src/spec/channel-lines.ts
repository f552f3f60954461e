/**
 * Conda lines with their channels put before the first: `-c pytorch -c nvidia pytorch`. One that stands there is asked first for all lines,
 * as on a command line of conda.
 */
export function withChannels(channels: readonly string[], lines: readonly string[]): readonly string[] {
  const [first, ...rest] = lines;
  if (first === undefined || channels.length === 0) return lines;
  return [`${channels.map((channel) => `-c ${channel} `).join('')}${first}`, ...rest];
}

/** True for a channel that a line can name: a name, or a URL that holds no credentials. */
export function isChannel(text: string): boolean {
  return /^(?:https?:\/\/)?[\w./:+-]+$/.test(text) && !/\/t\/|^-|^nodefaults$/.test(text);
}
