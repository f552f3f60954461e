/** The text of `direct_url.json` for a wheel that a line names by its URL, PEP 610, in pip's spelling. */
export function formatDirectUrl(url: string, sha256: string): string {
  const text = (value: string) =>
    JSON.stringify(value).replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const hash = `{"hash": ${text(`sha256=${sha256}`)}, "hashes": {"sha256": ${text(sha256)}}}`;
  return `{"archive_info": ${hash}, "url": ${text(url)}}`;
}
