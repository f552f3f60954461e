/** The nonce by which the page's own styles are known to the browser (CSP Level 3 `style-src 'nonce-…'`). */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

/**
 * Gives the nonce to every style element that scripts make: the components' own way to it does not reach those that a dialog makes while it
 * holds the page still. Markup that somebody smuggles in is no script, and gets none.
 */
export function markStyles(): void {
  const create = document.createElement.bind(document);
  document.createElement = (name: string, options?: ElementCreationOptions) => {
    const element = create(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  };
}
