import { useTranslation } from 'react-i18next';
import { useGroups } from '../../data/groups.ts';
import { useMe } from '../../data/me.ts';

/** Whom one may give something to: the platform (`null`) for administrators, and the groups that one administers; and who has it now. */
export function useOwners(current: string | null | undefined) {
  const { t } = useTranslation('settings');
  const { isAdmin, groups } = useMe();
  const known = useGroups().data?.items.map(({ name }) => name) ?? [];
  const managed = isAdmin ? known : Object.keys(groups).filter((name) => groups[name] === 'admin');
  const names = [...new Set([...managed, ...(current ? [current] : [])])];
  const options = names.map((name) => ({ value: name as string | null, text: name }));
  return isAdmin ? [{ value: null, text: t('platform') }, ...options] : options;
}
