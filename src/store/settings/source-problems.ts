import { X509Certificate } from 'node:crypto';
import type { Problem } from '../../errors.ts';
import type { SourceOptions } from './package-sources.ts';
import type { SourceKind } from './source-url.ts';

const optionsOf: Readonly<Record<SourceKind, readonly (keyof SourceOptions)[]>> = {
  pip: ['isDefault'],
  conda: [],
  apt: ['suite', 'components'],
  'ca-bundle': ['certificates'],
  proxy: ['noProxy'],
};

/** What is wrong with a source, besides its URL's form. */
export function sourceProblems(kind: SourceKind, { url, options }: { url: string | null; options: SourceOptions }) {
  const problems: Problem[] = [];
  for (const [option, value] of Object.entries(options)) {
    if (value === undefined || optionsOf[kind].includes(option as keyof SourceOptions)) continue;
    const known = optionsOf[kind].join(', ') || 'no options';
    const message = `A source of kind ${kind} has no option "${option}"; it has ${known}`;
    problems.push({ field: `options.${option}`, code: 'option-unknown', message });
  }
  if (kind === 'ca-bundle') return [...problems, ...bundleProblems(url, options.certificates)];
  if (url === null) {
    problems.push({ field: 'url', code: 'url-missing', message: `A source of kind ${kind} needs a URL` });
  }
  return problems;
}

function bundleProblems(url: string | null, certificates: string | undefined): Problem[] {
  const problems: Problem[] = [];
  if (url !== null) {
    const hint = 'Give the certificates themselves, in options.certificates.';
    problems.push({ field: 'url', code: 'url-not-used', message: 'A bundle of certificates has no URL', hint });
  }
  const why = certificates === undefined ? 'there are none' : refusalOf(certificates);
  if (why !== undefined) {
    const message = `These are no certificates of authorities: ${why}`;
    const hint = 'Give one or more blocks from "-----BEGIN CERTIFICATE-----" to "-----END CERTIFICATE-----".';
    problems.push({ field: 'options.certificates', code: 'certificates-invalid', message, hint });
  }
  return problems;
}

const block = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/g;

/** Nothing but certificates and comments is kept: a private key has no business here. */
function refusalOf(text: string): string | undefined {
  const blocks = [...text.matchAll(block)];
  const other = blocks.find(([, label]) => label !== 'CERTIFICATE');
  if (other !== undefined) return `one is a ${other[1]!.toLowerCase()}`;
  if (blocks.length === 0) return 'none is in PEM format';
  if (text.replaceAll(block, '').includes('-----')) return 'one is not complete';
  const broken = blocks.findIndex(([pem]) => !isCertificate(pem));
  return broken < 0 ? undefined : `number ${broken + 1} cannot be read`;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
