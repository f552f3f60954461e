/** What is wrong with the name of an archive's member, or `undefined`. A directory's ends with a slash. */
export function checkMemberName(name: string): string | undefined {
  const shown = JSON.stringify(name.slice(0, 200));
  if (name === '' || name === '/') return 'a member has no name';
  if (Buffer.byteLength(name) > 4096) return `the name ${shown} is too long`;
  if (/[\x00-\x1f\x7f]/.test(name)) return `the name ${shown} holds control characters`;
  if (name.includes('\\')) return `the name ${shown} holds a backslash`;
  if (name.startsWith('/') || /^[A-Za-z]:/.test(name)) return `the name ${shown} is absolute`;
  const parts = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return `the name ${shown} leads elsewhere`;
  if (parts.some((part) => Buffer.byteLength(part) > 255)) return `a part of the name ${shown} is too long`;
  if (parts.some((part) => part.startsWith('.wh.'))) return `the name ${shown} would delete files in an image`;
  return undefined;
}
