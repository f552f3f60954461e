import type { TranslationOf } from '../catalogue.ts';
import type { app as en } from '../en/app.ts';

export const app: TranslationOf<typeof en> = {
  name: 'Imagewright',
  skipToContent: '跳至主要內容',
  mainMenu: '主選單',
  nav: {
    images: '映像檔',
    jobs: '工作',
    settings: '設定',
  },
  account: {
    menu: '帳號：{{name}}',
    profile: '個人檔案',
    signOut: '登出',
    administrator: '管理員',
    apiDocs: 'API 說明',
  },
  language: {
    choose: '語言',
  },
  theme: {
    choose: '配色',
    light: '淺色',
    dark: '深色',
    system: '跟隨系統',
  },
  signIn: {
    title: '登入 Imagewright',
    text: '請開啟您收到的登入連結。第一個連結會顯示在伺服器的輸出中。',
    ended: '您的工作階段已結束。重新登入後會回到您剛才的畫面。',
    field: '登入連結',
    open: '開啟連結',
    invalid: '這不是登入連結：連結的結尾應為「/sign-in?token=…」。',
    provider: '以組織帳號登入',
    help: '沒有連結時，請向管理員索取。',
  },
  notFound: {
    title: '這裡沒有內容',
    text: '網址可能有誤，或內容已被刪除。',
    toImages: '前往映像檔',
  },
  crash: {
    title: '無法顯示此畫面',
    text: '這是我們的錯誤。您已儲存的內容不會遺失。',
    newVersion: 'Imagewright 在您開啟此頁面後已更新。',
    reload: '重新載入頁面',
  },
  connection: {
    lost: '無法連線到伺服器。畫面內容可能不是最新的；系統會自動重試。',
  },
  notices: {
    title: '訊息',
    open_other: '訊息（{{count}} 則新訊息）',
    none: '目前沒有訊息。',
    dismiss: '關閉',
    clear: '清除',
  },
};
