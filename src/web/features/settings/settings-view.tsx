import { useTranslation } from 'react-i18next';
import { Navigate, Outlet, useLocation } from 'react-router';
import { useMayMake, useMe } from '../../data/me.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { TabNav } from '../../ui/tab-nav.tsx';

const all = ['registry', 'secrets', 'sources', 'bases', 'groups', 'users', 'tokens', 'limits', 'audit'] as const;
/** What administrators of a group find here. */
const ofGroups: readonly (typeof all)[number][] = ['secrets', 'groups', 'limits'];

/** What stands around the settings: those that one may look at. */
export function Component() {
  const { t } = useTranslation('settings');
  const { isAdmin } = useMe();
  const section = useLocation().pathname.split('/')[2] ?? '';
  const shown = isAdmin ? all : ofGroups;
  const tabs = shown.map((each) => ({ to: `/settings/${each}`, text: t(`tab.${each}`) }));
  if (!useMayMake()) return <MayNot text={t('mayNotSee')} />;
  if (section === '') return <Navigate to={tabs[0]!.to} replace />;
  return (
    <>
      <PageTitle title={t('title')} />
      <TabNav label={t('title')} tabs={tabs} />
      {shown.some((each) => each === section) ? <Outlet /> : <EmptyState title={t('mayNotSee')} />}
    </>
  );
}

function MayNot({ text }: { readonly text: string }) {
  const { t } = useTranslation('settings');
  return (
    <>
      <PageTitle title={t('title')} />
      <EmptyState title={text} />
    </>
  );
}
