import { useTranslation } from 'react-i18next';
import { NavLink, Outlet, ScrollRestoration } from 'react-router';
import { isBuilderError } from '../../errors.ts';
import { useJobFeed } from '../data/job-feed.ts';
import { type Me, useMayMake, useSession } from '../data/me.ts';
import { ProblemAlert } from '../ui/problem-alert.tsx';
import { AccountMenu } from './account-menu.tsx';
import { Brand } from './brand.tsx';
import { LanguageMenu } from './language-menu.tsx';
import { NoticeMenu } from './notice-menu.tsx';
import { SignIn } from './sign-in.tsx';
import { ThemeMenu } from './theme-menu.tsx';
import { Toasts } from './toasts.tsx';

/** What stands around every view; in its place the way in, when nobody is signed in. */
export function Frame() {
  const session = useSession();
  if (isBuilderError(session.error, 'unauthorized')) return <SignIn hasEnded={session.data !== undefined} />;
  if (session.data === undefined) {
    return session.error === null ? null : (
      <main className="standalone">
        <ProblemAlert error={session.error} onRetry={() => void session.refetch()} />
      </main>
    );
  }
  return <SignedIn me={session.data} />;
}

function SignedIn({ me }: { readonly me: Me }) {
  const { t } = useTranslation('app');
  const isLive = useJobFeed();
  const mayMake = useMayMake();
  return (
    <>
      <a className="skip-link" href="#main">
        {t('skipToContent')}
      </a>
      <header className="app-header">
        <Brand />
        <nav className="app-nav" aria-label={t('mainMenu')}>
          <NavLink to="/images">{t('nav.images')}</NavLink>
          <NavLink to="/jobs">{t('nav.jobs')}</NavLink>
          {mayMake && <NavLink to="/settings">{t('nav.settings')}</NavLink>}
        </nav>
        <div className="app-tools">
          <NoticeMenu />
          <LanguageMenu />
          <ThemeMenu />
          <AccountMenu me={me} />
        </div>
      </header>
      {!isLive && (
        <div role="status" className="app-banner">
          {t('connection.lost')}
        </div>
      )}
      <main id="main" className="app-main" tabIndex={-1}>
        <Outlet />
      </main>
      <Toasts />
      <ScrollRestoration />
    </>
  );
}
