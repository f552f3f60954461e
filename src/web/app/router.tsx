import { createBrowserRouter, redirect } from 'react-router';
import { Crash } from './crash.tsx';
import { Frame } from './frame.tsx';
import { NotFound } from './not-found.tsx';
import { takePlace } from './place-to-return.ts';

/** Every view has an address; its code is loaded when it is first shown. */
export function createRouter() {
  return createBrowserRouter([
    {
      path: '/',
      Component: Frame,
      ErrorBoundary: Crash,
      HydrateFallback: () => null,
      children: [
        {
          ErrorBoundary: Crash,
          children: [
            { index: true, loader: () => redirect(takePlace()) },
            { path: 'images', lazy: () => import('../features/images/images-view.tsx') },
            { path: 'new-image', lazy: () => import('../features/image-form/new-image-view.tsx') },
            { path: 'images/:name/edit', lazy: () => import('../features/image-form/edit-image-view.tsx') },
            {
              path: 'images/:name',
              lazy: () => import('../features/images/image-view.tsx'),
              children: [
                { index: true, lazy: () => import('../features/images/info-tab.tsx') },
                { path: 'jobs', lazy: () => import('../features/images/jobs-tab.tsx') },
                { path: 'revisions', lazy: () => import('../features/images/revisions-tab.tsx') },
                { path: 'contents', lazy: () => import('../features/images/contents-tab.tsx') },
              ],
            },
            { path: 'jobs', lazy: () => import('../features/jobs/jobs-view.tsx') },
            { path: 'jobs/:id', lazy: () => import('../features/jobs/job-view.tsx') },
            {
              path: 'settings',
              lazy: () => import('../features/settings/settings-view.tsx'),
              children: [
                { index: true, Component: () => null },
                { path: 'registry', lazy: () => import('../features/settings/registry-tab.tsx') },
                { path: 'secrets', lazy: () => import('../features/settings/secrets-tab.tsx') },
                { path: 'sources', lazy: () => import('../features/settings/sources-tab.tsx') },
                { path: 'bases', lazy: () => import('../features/settings/bases-tab.tsx') },
                { path: 'groups', lazy: () => import('../features/people/groups-tab.tsx') },
                { path: 'groups/:name', lazy: () => import('../features/people/group-tab.tsx') },
                { path: 'users', lazy: () => import('../features/people/users-tab.tsx') },
                { path: 'tokens', lazy: () => import('../features/people/tokens-tab.tsx') },
                { path: 'limits', lazy: () => import('../features/settings/limits-tab.tsx') },
                { path: 'audit', lazy: () => import('../features/settings/audit-tab.tsx') },
              ],
            },
            { path: 'profile', lazy: () => import('../features/people/profile-view.tsx') },
            { path: '*', Component: NotFound },
          ],
        },
      ],
    },
  ]);
}
