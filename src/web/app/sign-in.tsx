import { Button, Form, Input } from 'antd';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'react-router';
import { PageTitle } from '../ui/page-title.tsx';
import { LanguageMenu } from './language-menu.tsx';
import { rememberPlace } from './place-to-return.ts';
import { ThemeMenu } from './theme-menu.tsx';

/** The way in, for a browser without a session. */
export function SignIn({ hasEnded }: { readonly hasEnded: boolean }) {
  const { t } = useTranslation('app');
  const { pathname, search } = useLocation();
  useEffect(() => rememberPlace(pathname + search), [pathname, search]);
  return (
    <main className="standalone">
      <PageTitle
        title={t('signIn.title')}
        actions={
          <>
            <LanguageMenu />
            <ThemeMenu />
          </>
        }
      />
      <div className="panel">
        <p>{hasEnded ? t('signIn.ended') : t('signIn.text')}</p>
        <Form layout="vertical" requiredMark={false} onFinish={({ link }) => location.assign(signInPath(link)!)}>
          <Form.Item
            name="link"
            label={t('signIn.field')}
            validateTrigger="onSubmit"
            rules={[
              {
                validator: async (_rule, link) => {
                  if (signInPath(link ?? '') === undefined) throw new Error(t('signIn.invalid'));
                },
              },
            ]}
          >
            <Input autoComplete="off" spellCheck={false} />
          </Form.Item>
          <Button type="primary" htmlType="submit">
            {t('signIn.open')}
          </Button>{' '}
          <Button href="/sign-in">{t('signIn.provider')}</Button>
        </Form>
        <p className="muted">{t('signIn.help')}</p>
      </div>
    </main>
  );
}

/** The link's path on this host; where people reach us may be called otherwise than in the link. */
function signInPath(link: string): string | undefined {
  const query = /\/sign-in\?(token=[\w-]+)$/.exec(link.trim())?.[1];
  return query && `/sign-in?${query}`;
}
