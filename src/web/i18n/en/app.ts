export const app = {
  name: 'Imagewright',
  skipToContent: 'Skip to content',
  mainMenu: 'Main menu',
  nav: {
    images: 'Images',
    jobs: 'Jobs',
    settings: 'Settings',
  },
  account: {
    menu: 'Account: {{name}}',
    profile: 'Profile',
    signOut: 'Sign out',
    administrator: 'Administrator',
    apiDocs: 'API description',
  },
  language: {
    choose: 'Language',
  },
  theme: {
    choose: 'Colours',
    light: 'Light',
    dark: 'Dark',
    system: 'As the system',
  },
  signIn: {
    title: 'Sign in to Imagewright',
    text: 'Open the sign-in link that you were given. The first one stands in the output of the server.',
    ended: 'Your session has ended. What you were looking at comes back when you are signed in.',
    field: 'Sign-in link',
    open: 'Open the link',
    invalid: 'That is no sign-in link: it ends in “/sign-in?token=…”.',
    provider: 'Sign in with your organisation',
    help: 'Without a link, ask an administrator for one.',
  },
  notFound: {
    title: 'There is nothing here',
    text: 'The address may be mistyped, or what it showed has been deleted.',
    toImages: 'To the images',
  },
  crash: {
    title: 'This view could not be shown',
    text: 'The mistake is ours. Nothing that you saved is lost.',
    newVersion: 'Imagewright has been updated since you opened this page.',
    reload: 'Load the page again',
  },
  connection: {
    lost: 'No connection to the server. What you see may be old; it is tried again by itself.',
  },
  notices: {
    title: 'Messages',
    open_one: 'Messages ({{count}} new)',
    open_other: 'Messages ({{count}} new)',
    none: 'There were no messages yet.',
    dismiss: 'Dismiss',
    clear: 'Clear',
  },
} as const;
