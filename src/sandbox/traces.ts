import { fixedMtime } from '../layers/tar-header.ts';
import type { TarEntryType } from '../rootfs/tar-reader.ts';
import type { ChangedEntry } from './sandbox.ts';

/** What tells of the run and not of what was installed: nothing that stands there is told. */
const places = ['/dev', '/proc', '/sys', '/run', '/tmp', '/var/tmp', '/var/run', '/root/.cache'];

/** Directories whose files are lists, logs and caches; what stands below is left out, the directories themselves stay. */
// The caches of fonts and manuals hold times of directories, and are made anew where they are wanted.
const emptied = ['/var/log', '/var/lib/apt/lists', '/var/cache/apt', '/var/cache/fontconfig', '/var/cache/man'];

const files: readonly RegExp[] = [
  // What the sandbox itself puts there.
  /^\/etc\/(?:hosts|resolv\.conf|hostname|mtab)$/,
  /^\/usr\/sbin\/policy-rc\.d$/,
  // Each machine makes its own.
  /^\/(?:etc|var\/lib\/dbus)\/machine-id$/,
  /^\/etc\/ssh\/ssh_host_[^/]*_key(?:\.pub)?$/,
  /^\/var\/lib\/systemd\/random-seed$/,
  // Copies of what stood there a moment ago, locks, and caches that are made anew.
  /^\/etc\/(?:passwd|group|shadow|gshadow|subuid|subgid)-$/,
  /^\/etc\/\.pwd\.lock$/,
  /^\/var\/lib\/dpkg\/(?:[^/]*-old|lock|lock-frontend|triggers\/Lock)$/,
  /^\/var\/cache\/debconf\/[^/]*-old$/,
  /^\/var\/cache\/ldconfig\/aux-cache$/,
  /^\/var\/cache\/apt$/,
];

/** True for a path that a layer does not hold, of that type or removed. */
export function isTrace(path: string, type: TarEntryType | 'removed'): boolean {
  if (places.some((place) => path === place || path.startsWith(`${place}/`))) return true;
  if (type !== 'directory' && emptied.some((place) => path.startsWith(`${place}/`))) return true;
  return files.some((pattern) => pattern.test(path));
}

const secondsADay = 86_400;

/** Another content for a file that holds the day of the run; `undefined` for one that stays as it is. */
export async function rewritten({ path, header, read }: ChangedEntry): Promise<Buffer | undefined> {
  if (path !== '/etc/shadow' || header.sizeBytes > 1024 ** 2) return undefined;
  return withFixedDays((await read(header.sizeBytes)).toString('latin1'));
}

/** shadow(5): the third field is the day of the last change. Days long past are the base's. */
function withFixedDays(text: string): Buffer {
  const recent = Math.floor(Date.now() / 1000 / secondsADay) - 1;
  const fixed = String(Math.floor(fixedMtime / secondsADay));
  const lines = text.split('\n').map((line) => {
    const fields = line.split(':');
    if (fields.length > 2 && Number(fields[2]) >= recent) fields[2] = fixed;
    return fields.join(':');
  });
  return Buffer.from(lines.join('\n'), 'latin1');
}
