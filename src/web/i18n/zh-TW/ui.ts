import type { TranslationOf } from '../catalogue.ts';
import type { ui as en } from '../en/ui.ts';

export const ui: TranslationOf<typeof en> = {
  copy: '複製',
  copyThing: '複製{{thing}}',
  copied: '已複製',
  copyFailed: '無法複製；請改為選取文字。',
  cancel: '取消',
  retry: '重試',
  loading: '載入中',
  none: '無',
  line: '第 {{line}} 行',
  pages: '第 {{from}}–{{to}} 項，共 {{total}} 項',
  turnPages: '頁面',
  previousPage: '上一頁',
  nextPage: '下一頁',
  state: {
    Pending: '等待中',
    Preparing: '準備中',
    Running: '執行中',
    Succeeded: '成功',
    Failed: '失敗',
    Cancelled: '已取消',
  },
};
