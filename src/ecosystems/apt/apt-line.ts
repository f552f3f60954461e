import type { Problem } from '../../errors.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import type { PackageLine } from '../../spec/image-spec.ts';
import { shortened } from '../../spec/shortened.ts';

/** What a line asks for: `name[:architecture][=version]`. */
export interface AptRequest {
  readonly line: PackageLine;
  readonly name: string;
  readonly architecture?: string;
  readonly version?: string;
}

const field = 'packages.apt';
const pattern = /^([a-z0-9][a-z0-9+.-]+)(?::([a-z0-9][a-z0-9-]*))?(?:=([A-Za-z0-9][A-Za-z0-9.+:~-]*))?$/;

/** Reads a line by Debian's grammar (policy 5.6.1, 5.6.12), or says what is wrong with it. */
export function readAptLine(line: PackageLine): AptRequest | { readonly problem: Problem } {
  const match = pattern.exec(line.text);
  const refusal = refusalOf(line.text, match);
  if (match === null || refusal !== undefined) {
    const { code, message, hint } = refusal ?? unreadable(line.text);
    return { problem: aptProblem(line, { code, message, hint }) };
  }
  const [, name, architecture, version] = match;
  return {
    line,
    name: name!,
    ...(architecture !== undefined && { architecture }),
    ...(version !== undefined && { version }),
  };
}

/** As apt is told: `libc6:i386=2.36-9`. */
export function aptOperand({ name, architecture, version }: Omit<AptRequest, 'line'>): string {
  return `${name}${architecture === undefined ? '' : `:${architecture}`}${version === undefined ? '' : `=${version}`}`;
}

/** A problem at a line of the apt list. */
export function aptProblem(
  { line, text }: PackageLine,
  problem: Pick<Problem, 'code' | 'message'> & { readonly hint?: Sentence | undefined },
): Problem {
  const { code, message, hint } = problem;
  return { field, line, text: shortened(text), code, message, ...(hint !== undefined && { hint }) };
}

type Refusal = Required<Pick<Problem, 'code' | 'message' | 'hint'>>;

function refusalOf(text: string, match: RegExpExecArray | null): Refusal | undefined {
  if (/^(?:sudo\s+)?(?:apt|apt-get|aptitude|dpkg)\s/.test(text)) {
    return refusal(say`A command stands here, not a package`, say`Write the names of its packages alone, one a line.`);
  }
  if (/\s/.test(text)) return refusal(say`Several words stand in one line`, say`Write one package a line.`);
  if (text.startsWith('-')) {
    return refusal(
      say`Options of apt are not taken from a package list`,
      say`Remove the line; packages are named alone.`,
    );
  }
  if (/^(?:\.{0,2}\/|[a-z]+:\/\/)|\.deb$/.test(text)) {
    return refusal(
      say`Files and URLs are not installed`,
      say`Name the package; it comes from the sources of the base image.`,
    );
  }
  if (/^[^/=]+\/[^/]+$/.test(text)) {
    return refusal(say`A release cannot be chosen with "/"`, say`Ask for a version as in "name=1.2-3".`);
  }
  if (/[*?^$[\]|]/.test(text)) return refusal(say`Patterns are not expanded`, say`Write each package by its name.`);
  // apt reads a trailing "-" as "remove" and "+" as "install", unless a package is called so.
  if (match !== null && match[2] === undefined && match[3] === undefined && text.endsWith('-')) {
    return refusal(
      say`A name that ends with "-" means to remove a package`,
      say`Packages of the base cannot be removed.`,
    );
  }
  if (/(?:<|>|~=|==)/.test(text)) {
    return refusal(
      say`apt knows no version ranges`,
      say`Leave the version out, or name one exactly as in "name=1.2-3".`,
    );
  }
  return undefined;
}

function refusal(message: Sentence, hint: Sentence): Refusal {
  return { code: 'line-invalid', message, hint };
}

function unreadable(text: string): Refusal {
  const lower = text.toLowerCase();
  const hint =
    lower !== text && pattern.test(lower)
      ? say`Names are in lower case: "${shortened(lower)}".`
      : say`Write it as name, name=version or name:architecture.`;
  return { code: 'line-invalid', message: say`This does not name a Debian package`, hint };
}
