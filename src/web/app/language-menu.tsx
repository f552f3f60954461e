import { GlobalOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { languageOf, setPreferences, usePreferences } from '../data/preferences.ts';
import { languages } from '../i18n/languages.ts';
import { ChoiceMenu } from './choice-menu.tsx';

export function LanguageMenu() {
  const { t } = useTranslation('app');
  return (
    <ChoiceMenu
      label={t('language.choose')}
      icon={<GlobalOutlined />}
      choices={languages}
      chosen={languageOf(usePreferences())}
      onChoose={(language) => setPreferences({ language })}
    />
  );
}
