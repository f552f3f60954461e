/** The one spelling of a project's name, PEP 503: `Scikit_Learn` is `scikit-learn`. */
export function normalisedName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}
