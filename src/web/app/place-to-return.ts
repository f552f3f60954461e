const key = 'imagewright.place';

/** Keeps, for this tab, where somebody wanted to go before signing in. */
export function rememberPlace(path: string): void {
  if (path !== '/') sessionStorage.setItem(key, path);
}

/** Where to go after signing in, once; the list when nothing was wanted. */
export function takePlace(): string {
  const place = sessionStorage.getItem(key);
  sessionStorage.removeItem(key);
  // Of this host only: "//elsewhere" is another one.
  return place !== null && /^\/(?!\/)/.test(place) ? place : '/images';
}
