const label = 'imagewright';

/** The version under which the solver knows an archive by URL (PEP 440, local version): `1.4.1+imagewright`. */
export function directVersion(version: string): string {
  return `${version}${version.includes('+') ? '.' : '+'}${label}`;
}

/** What the version really is. */
export function withoutLabel(version: string): string {
  return version.replace(new RegExp(`[+.]${label}$`), '');
}

/** A text of the solver with versions as they really are. */
export function withoutLabelsIn(text: string): string {
  return text.replaceAll(new RegExp(`[+.]${label}\\b`, 'g'), '');
}
