import type { Rootfs } from './rootfs.ts';

export type DistributionFamily = 'debian' | 'fedora' | 'other';

/** Whose rules the image's packages follow, by `ID` and `ID_LIKE` of os-release(5). SUSE's Python follows Fedora's. */
export function distributionFamily(rootfs: Rootfs): DistributionFamily {
  const text = osRelease(rootfs);
  const ids = ['ID', 'ID_LIKE'].flatMap((name) => fieldOf(text, name).toLowerCase().split(' '));
  if (ids.some((id) => id === 'debian' || id === 'ubuntu')) return 'debian';
  if (ids.some((id) => /^(?:fedora|rhel|centos|suse|opensuse.*|amzn)$/.test(id))) return 'fedora';
  return 'other';
}

/** How the image's system calls itself: `Debian GNU/Linux 12 (bookworm)`; `undefined` where it does not say. */
export function osName(rootfs: Rootfs): string | undefined {
  const text = osRelease(rootfs);
  const name = fieldOf(text, 'NAME') || fieldOf(text, 'ID');
  return (fieldOf(text, 'PRETTY_NAME') || `${name} ${fieldOf(text, 'VERSION_ID')}`.trim()).slice(0, 200) || undefined;
}

function osRelease(rootfs: Rootfs): string {
  return (rootfs.read('/etc/os-release') ?? rootfs.read('/usr/lib/os-release'))?.toString('utf8') ?? '';
}

function fieldOf(text: string, name: string): string {
  const match = new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(text);
  return match?.[1]?.trim() ?? '';
}
