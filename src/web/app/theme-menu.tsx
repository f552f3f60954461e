import { BulbOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { setPreferences, usePreferences } from '../data/preferences.ts';
import { ChoiceMenu } from './choice-menu.tsx';

export function ThemeMenu() {
  const { t } = useTranslation('app');
  return (
    <ChoiceMenu
      label={t('theme.choose')}
      icon={<BulbOutlined />}
      choices={{ system: t('theme.system'), light: t('theme.light'), dark: t('theme.dark') }}
      chosen={usePreferences().colourScheme}
      onChoose={(colourScheme) => setPreferences({ colourScheme })}
    />
  );
}
