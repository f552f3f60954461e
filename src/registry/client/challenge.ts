/** One way to authenticate that a server offers, RFC 9110 section 11.6.1: `Bearer realm="https://auth.example.com/token",service="reg"`. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`[\\s,]*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`, 'y');
const scheme = new RegExp(`[\\s,]*(${token})(?=[\\s,]|$)`, 'y');

/** Reads `WWW-Authenticate`, several values joined by commas as Node does; stops where it is not well formed. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const next = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match) at = pattern.lastIndex;
    return match;
  };
  for (let name = next(scheme); name; name = next(scheme)) {
    const parameters: Record<string, string> = {};
    for (let pair = next(parameter); pair; pair = next(parameter)) {
      const [, key, quoted, bare] = pair;
      parameters[key!.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? bare!;
    }
    challenges.push({ scheme: name[1]!.toLowerCase(), parameters });
  }
  return challenges;
}
