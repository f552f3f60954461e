import { X509Certificate } from 'node:crypto';
import type { Problem } from '../../errors.ts';
import type { Sentence } from '../../sentence.ts';
import { say } from '../../sentence.ts';
import type { SourceOptions } from './package-sources.ts';
import type { SourceKind } from './source-url.ts';

const optionsOf: Readonly<Record<SourceKind, readonly (keyof SourceOptions)[]>> = {
  pip: ['isDefault'],
  conda: [],
  apt: ['suite', 'components', 'signedBy', 'mirrorOf'],
  'ca-bundle': ['certificates'],
  proxy: ['noProxy'],
};

/** What is wrong with a source, besides its URL's form. */
export function sourceProblems(kind: SourceKind, { url, options }: { url: string | null; options: SourceOptions }) {
  const problems: Problem[] = [];
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || optionsOf[kind].includes(option as keyof SourceOptions)) continue;
    const known = optionsOf[kind].join(', ') || 'no options';
    const message = say`A source of kind ${kind} has no option "${option}"; it has ${known}`;
    problems.push({ field: `options.${option}`, code: 'option-unknown', message });
  }
  if (kind === 'ca-bundle') return [...problems, ...bundleProblems(url, options.certificates)];
  if (url === null) {
    problems.push({ field: 'url', code: 'url-missing', message: say`A source of kind ${kind} needs a URL` });
  }
  return kind === 'apt' ? [...problems, ...aptProblems(options)] : problems;
}

/** sources.list(5): words, for they stand in a line of a list of sources. */
const suitePattern = /^[A-Za-z0-9.][\w.+~/-]*$/;
const componentPattern = /^[A-Za-z0-9][\w.+/-]*$/;

function aptProblems({ suite, components = [], signedBy, mirrorOf }: SourceOptions): Problem[] {
  const problem = (option: keyof SourceOptions, message: Sentence, hint: Sentence): Problem => {
    return { field: `options.${option}`, code: 'option-invalid', message, hint };
  };
  const problems: Problem[] = [];
  if (mirrorOf === undefined) {
    const hint = say`Give options.suite, as in "bookworm"; or options.mirrorOf, for a mirror of sources that bases have.`;
    if (suite === undefined) problems.push(problem('suite', say`An apt source needs a suite`, hint));
    else if (!suitePattern.test(suite)) problems.push(problem('suite', say`"${suite}" is no suite`, hint));
    else if (suite.endsWith('/') !== (components.length === 0)) {
      const why = suite.endsWith('/')
        ? say`A suite that is a directory has no components`
        : say`A suite has components`;
      problems.push(
        problem('components', why, say`A directory ends with "/"; any other suite has components, as in "main".`),
      );
    }
  } else if (suite !== undefined || components.length > 0 || signedBy !== undefined) {
    const hint = say`A mirror has what the sources have that it stands for: leave suite, components and signedBy out.`;
    problems.push(problem('mirrorOf', say`A source is either a mirror or has a suite of its own`, hint));
  } else if (!URL.canParse(mirrorOf) || !/^https?:\/\/[^\s@?#]+$/.test(mirrorOf)) {
    problems.push(
      problem(
        'mirrorOf',
        say`This is no URL of a source`,
        say`Give it as bases have it: "http://archive.example.com".`,
      ),
    );
  }
  for (const component of components.filter((each) => !componentPattern.test(each)))
    problems.push(problem('components', say`"${component}" is no component`, say`Give them as in "main".`));
  if (signedBy !== undefined && !keyPattern.test(signedBy.trim())) {
    const hint = say`Give it from "-----BEGIN PGP PUBLIC KEY BLOCK-----" on, as "gpg --armor --export" writes it.`;
    problems.push(problem('signedBy', say`This is no armoured public key of OpenPGP`, hint));
  }
  return problems;
}

const keyPattern =
  /^(?:-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n[\x20-\x7e\r\n]*?-----END PGP PUBLIC KEY BLOCK-----\s*)+$/;

function bundleProblems(url: string | null, certificates: string | undefined): Problem[] {
  const problems: Problem[] = [];
  if (url !== null) {
    const hint = say`Give the certificates themselves, in options.certificates.`;
    problems.push({ field: 'url', code: 'url-not-used', message: say`A bundle of certificates has no URL`, hint });
  }
  const why = certificates === undefined ? 'there are none' : refusalOf(certificates);
  if (why !== undefined) {
    const message = say`These are no certificates of authorities: ${why}`;
    const hint = say`Give one or more blocks from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".`;
    problems.push({ field: 'options.certificates', code: 'certificates-invalid', message, hint });
  }
  return problems;
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Nothing but certificates and comments is kept: a private key has no business here. */
function refusalOf(text: string): string | undefined {
  const blocks = [...text.matchAll(block)];
  const other = blocks.find(([, label]) => label !== 'CERTIFICATE');
  if (other !== undefined) return say`one is a ${other[1]!.toLowerCase()}`;
  if (blocks.length === 0) return say`none is in PEM format`;
  if (text.replaceAll(block, '').includes('-----')) return say`one is not complete`;
  const broken = blocks.findIndex(([pem]) => !isCertificate(pem));
  return broken < 0 ? undefined : say`number ${broken + 1} cannot be read`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
