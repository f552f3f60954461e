import type { Problem } from '../../errors.ts';
import { isLoopbackHost } from '../../http/loopback.ts';
import { redactUrl } from '../../http/redact-url.ts';
import { normalisedName } from '../../rootfs/normalised-name.ts';
import { type Sentence, say } from '../../sentence.ts';
import type { PackageLine } from '../../spec/image-spec.ts';
import { shortened } from '../../spec/shortened.ts';
import { parseRequirement, type Requirement } from './requirement.ts';
import { parseWheelFilename } from './tags.ts';

export const pipField = 'packages.pip';

type Refusal = Pick<Problem, 'code' | 'message' | 'hint'>;

/**
 * Reads a line as a requirement of a package that can be laid down. What pip's requirements files allow beyond PEP 508 (options, paths,
 * version control) is refused, each with what to do instead.
 */
export function readRequirementLine(
  line: PackageLine,
): { readonly requirement: Requirement } | { readonly problem: Problem } {
  const refusal = refusedForm(line.text);
  if (refusal !== undefined) return { problem: problemAt(line, refusal) };
  const parsed = parseRequirement(line.text);
  if ('fault' in parsed) return { problem: problemAt(line, explainFault(line.text, parsed.fault)) };
  const objection = objectTo(parsed.requirement);
  return objection === undefined ? parsed : { problem: problemAt(line, objection) };
}

/** A problem of one line of the pip list. The text is shown without what may be a secret in a URL. */
export function problemAt({ line, text }: PackageLine, refusal: Refusal): Problem {
  return { field: pipField, line, text: shortened(withoutSecrets(text)), ...refusal };
}

/** A text with user names, passwords and tokens of the URLs in it left out. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@'"<>]*@/gi, '$1***@')
    .replace(/([?&][\w.-]+=)[^\s&#'")]+/g, '$1***');
}

/** Forms that are no requirement at all, told apart before the grammar is tried. */
function refusedForm(text: string): Refusal | undefined {
  const command = /^(?:[!%$>]\s*)?(?:sudo\s+)?(?:python[\d.]*\s+-m\s+)?(?:uv\s+)?pip[\d.]*\s+install\b(.*)$/.exec(text);
  if (command !== null) return pastedCommand(command[1]!.trim());
  if (/^(?:[!%$>]\s*)?(?:conda|mamba)\s+install\b/.test(text)) {
    return {
      code: 'command-pasted',
      message: say`This is a command, not a package`,
      hint: say`Put the names into the conda list, one a line.`,
    };
  }
  if (text.startsWith('-')) return refusedOption(text);
  if (/\s--[a-z]/.test(text)) return refusedOption(text.slice(text.search(/\s--[a-z]/)).trim());
  if (/^(?:git|hg|svn|bzr)\+|@\s*(?:git|hg|svn|bzr)\+/.test(text)) {
    return {
      code: 'vcs-unsupported',
      message: say`Packages from version control are not built: what a branch holds is another thing each day`,
      hint: say`Name a released version, or build a wheel and name it as "name @ https://…/name-1.0-py3-none-any.whl".`,
    };
  }
  const url = /^([a-z][a-z0-9+.-]*):\/\/\S+/i.exec(text);
  if (url !== null) return bareUrl(text);
  if (
    /^file:|@\s*file:/i.test(text) ||
    /^(?:\.{0,2}[/\\]|~|[A-Za-z]:\\)/.test(text) ||
    /^[^\s@;[\]<>=]+\.(?:whl|tar\.gz|zip|tgz|tar\.bz2)$/i.test(text)
  ) {
    return {
      code: 'path-unsupported',
      message: say`A path names a file on some machine, which the build cannot see`,
      hint: say`Put the wheel where it can be fetched and write "name @ https://…/name-1.0-py3-none-any.whl".`,
    };
  }
  return severalNames(text);
}

function pastedCommand(rest: string): Refusal {
  const names = rest.split(/\s+/).filter((word) => word !== '' && !word.startsWith('-'));
  const lines = names.slice(0, 8).map((name) => withoutSecrets(name.replace(/^['"]|['"]$/g, '')));
  const hint =
    lines.length === 0
      ? say`Write the names only, one a line.`
      : say`Write the names only, one a line: ${lines.join(' ⏎ ')}`;
  return { code: 'command-pasted', message: say`This is a command, not a package`, hint };
}

const optionHints: Readonly<Record<string, Sentence>> = {
  '-r': say`Paste the lines of that file here.`,
  '--requirement': say`Paste the lines of that file here.`,
  '-c': say`Write the constraints into the lines, as in numpy<2.`,
  '--constraint': say`Write the constraints into the lines, as in numpy<2.`,
  '-e': say`Name a released version of the package.`,
  '--editable': say`Name a released version of the package.`,
  '--hash': say`Leave it out: the lock holds the hash of every file.`,
  '--pre': say`Name a pre-release in the line, as in numpy>=3.0.0rc1.`,
};

function refusedOption(text: string): Refusal {
  const option = /^--?[A-Za-z][\w-]*/.exec(text)?.[0] ?? '-';
  const short = /^-[a-z](?=[^\s-])/.exec(text)?.[0];
  const aboutIndex =
    /^(?:-i|-f|--(?:index-url|extra-index-url|find-links|trusted-host|no-index|index|default-index))$/.test(option);
  return {
    code: 'option-unsupported',
    message: say`${option} is an option of pip, not a package`,
    hint: aboutIndex
      ? say`Leave it out: package indexes are set up for all images, with UV_INDEX_URL or by the administrator.`
      : (optionHints[short ?? option] ?? say`Leave it out.`),
  };
}

function bareUrl(text: string): Refusal {
  const name = parseWheelFilename(decodeURIComponentSafely(text.split(/[?#]/)[0]!.split('/').at(-1)!))?.name;
  const hint = say`Write "${name ?? 'name'} @ ${shortened(redactUrl(text.split(/\s/)[0]!))}".`;
  return { code: 'url-without-name', message: say`A URL alone does not say which package it is`, hint };
}

/** `numpy pandas` or `numpy, pandas`. */
function severalNames(text: string): Refusal | undefined {
  const word = String.raw`[A-Za-z0-9][A-Za-z0-9._-]*(?:\[[^\]]*\])?(?:(?:===|[=~!<>]=|[<>])[^\s,;]+(?:,(?:===|[=~!<>]=|[<>])[^\s,;]+)*)?`;
  if (!new RegExp(`^${word}(?:(?:\\s*,\\s*|\\s+)(?![=~!<>])${word})+,?$`).test(text)) return undefined;
  const names = text.match(new RegExp(word, 'g'))!;
  return {
    code: 'several-packages',
    message: say`There is more than one package on the line`,
    hint: say`Write one a line: ${names.slice(0, 8).join(' ⏎ ')}`,
  };
}

function explainFault(text: string, { column, message }: { column: number; message: Sentence }): Refusal {
  const conda = /^(?:[\w-]+::)?([A-Za-z0-9][\w.-]*)\s*=\s*([\w.*+!]+)(?:=[\w.*]+)?$/.exec(text);
  if (conda !== null) {
    const hint = say`Write ${conda[1]}==${conda[2]}, or put the line into the conda list.`;
    return {
      code: 'requirement-invalid',
      message: say`A single "=" is how conda writes versions; pip takes "=="`,
      hint,
    };
  }
  const name = /^[^\s[\]()<>=!~;@,]+/.exec(text)?.[0] ?? '';
  if (!/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name)) {
    const shown = `"${shortened(name === '' ? text : name)}"`;
    const hint = say`Names have letters, digits, "-", "_" and "." and begin and end with a letter or a digit.`;
    return { code: 'name-invalid', message: say`${shown} cannot be the name of a package`, hint };
  }
  return {
    code: 'requirement-invalid',
    message: say`At column ${column}: ${message}`,
    hint: say`Write it as in ${shortened(name)}>=1.0 or ${shortened(name)}[extra]==1.2 (PEP 508).`,
  };
}

function objectTo({ name, url }: Requirement): Refusal | undefined {
  if (/^python[\d.]*$/.test(normalisedName(name))) {
    return {
      code: 'python-as-package',
      message: say`Python itself is not a pip package`,
      hint: say`Choose a base image with the Python you want.`,
    };
  }
  return url === undefined ? undefined : objectToUrl(url, normalisedName(name));
}

function objectToUrl(text: string, name: string): Refusal | undefined {
  if (!URL.canParse(text)) return { code: 'url-invalid', message: say`What stands after "@" is not a URL` };
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return {
      code: 'secret-in-spec',
      message: say`The URL holds a user name or password, which everybody who sees the spec could read`,
      hint: say`Take it out, and give the credentials where package indexes are set up.`,
    };
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackHost(url.hostname))) {
    return { code: 'url-insecure', message: say`Packages are fetched over https, not ${url.protocol.slice(0, -1)}` };
  }
  const filename = decodeURIComponentSafely(url.pathname.split('/').at(-1)!);
  // Of source the archive itself says whose it is.
  if (/\.(?:tar\.gz|tgz|zip)$/.test(filename)) return undefined;
  if (!filename.endsWith('.whl')) {
    return {
      code: 'url-unsupported',
      message: say`The URL names neither a wheel (.whl) nor a source archive (.tar.gz, .zip)`,
      hint: say`Name the file of a release, and not its page.`,
    };
  }
  const wheel = parseWheelFilename(filename);
  if (wheel === undefined)
    return { code: 'url-invalid', message: say`"${shortened(filename)}" is not the file name of a wheel` };
  if (wheel.name !== name) {
    return {
      code: 'url-invalid',
      message: say`The URL names a wheel of ${wheel.name}, not of ${name}`,
      hint: say`Write ${wheel.name} before the "@".`,
    };
  }
  return undefined;
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
