import { PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Me, useMe } from '../../data/me.ts';
import {
  type ColourScheme,
  colourSchemes,
  languageOf,
  setPreferences,
  usePreferences,
} from '../../data/preferences.ts';
import { type Language, languages } from '../../i18n/languages.ts';
import { Choice } from '../../ui/choice.tsx';
import { Facts } from '../../ui/facts.tsx';
import { PageTitle } from '../../ui/page-title.tsx';
import { NewTokenDialog } from './new-token-dialog.tsx';
import { TokenTable } from './token-table.tsx';

/** Who one is, how the page looks, and one's API tokens. */
export function Component() {
  const { t } = useTranslation('people');
  const me = useMe();
  const [isMaking, setMaking] = useState(false);
  return (
    <>
      <PageTitle title={t('profile.title')} />
      <div className="stack">
        <section className="panel">
          <Facts items={useFacts(me)} />
        </section>
        <section className="panel stack">
          <h2>{t('profile.page')}</h2>
          <Preferences />
        </section>
        <section>
          <div className="toolbar">
            <h2>{t('token.own')}</h2>
            <span className="toolbar-gap" />
            <Button type="primary" icon={<PlusOutlined />} onClick={() => setMaking(true)}>
              {t('token.add')}
            </Button>
          </div>
          <p className="muted tab-intro">{t('token.intro')}</p>
          <TokenTable user={me.name} />
        </section>
      </div>
      {isMaking && <NewTokenDialog onClose={() => setMaking(false)} />}
    </>
  );
}

function useFacts({ name, displayName, isAdmin, groups }: Me) {
  const { t } = useTranslation('people');
  const roles = Object.entries(groups).map(([group, role]) => `${group} (${t(`role.${role}`)})`);
  return [
    [t('name'), name],
    [t('displayName'), displayName],
    [t('role.role'), isAdmin && t('administrator')],
    [t('groups'), roles.join(', ') || t('profile.noGroups')],
  ] as const;
}

function Preferences() {
  const { t } = useTranslation(['people', 'app']);
  const preferences = usePreferences();
  return (
    <div className="preferences">
      <Choice<Language>
        label={t('app:language.choose')}
        isLabelHidden={false}
        value={languageOf(preferences)}
        options={(Object.entries(languages) as [Language, string][]).map(([value, text]) => ({ value, text }))}
        onChange={(language) => language !== '' && setPreferences({ language })}
      />
      <Choice<ColourScheme>
        label={t('app:theme.choose')}
        isLabelHidden={false}
        value={preferences.colourScheme}
        options={colourSchemes.map((value) => ({ value, text: t(`app:theme.${value}`) }))}
        onChange={(colourScheme) => colourScheme !== '' && setPreferences({ colourScheme })}
      />
    </div>
  );
}
