/** The one spelling of a project's name, PEP 503: `Scikit_Learn` is `scikit-learn`. */
export function normalisedName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** True for a normalised name of a project or an extra. */
export function isNormalisedName(name: string): boolean {
  return name.length <= 200 && /^[a-z0-9](?:-?[a-z0-9])*$/.test(name);
}
