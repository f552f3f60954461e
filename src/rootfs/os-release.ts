import type { Rootfs } from './rootfs.ts';

export type DistributionFamily = 'debian' | 'fedora' | 'other';

/** Whose rules the image's packages follow, by `ID` and `ID_LIKE` of os-release(5). SUSE's Python follows Fedora's. */
export function distributionFamily(rootfs: Rootfs): DistributionFamily {
  const text = (rootfs.read('/etc/os-release') ?? rootfs.read('/usr/lib/os-release'))?.toString('utf8') ?? '';
  const ids = ['ID', 'ID_LIKE'].flatMap((name) => fieldOf(text, name).split(' '));
  if (ids.some((id) => id === 'debian' || id === 'ubuntu')) return 'debian';
  if (ids.some((id) => /^(?:fedora|rhel|centos|suse|opensuse.*|amzn)$/.test(id))) return 'fedora';
  return 'other';
}

function fieldOf(text: string, name: string): string {
  const match = new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(text);
  return match?.[1]?.trim().toLowerCase() ?? '';
}
