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
  imageUrl: '映像檔網址',
  actions: '操作',
  form: {
    required: '必填',
  },
  type: {
    cpu: 'CPU',
    gpu: 'GPU',
    universal: '通用',
  },
  step: {
    base: '基底',
    lock: '鎖定',
    assemble: '建層',
    push: '推送',
  },
  reason: {
    create: '新映像檔',
    edit: '編輯',
    rebuild: '重新建置',
    rollback: '還原',
  },
  failure: {
    title: '未成功的原因',
    step: '於「{{step}}」步驟',
  },
  rebuild: {
    now: '重新建置',
    noCache: '不使用快取重新建置',
    more: '其他重新建置方式',
  },
  difference: {
    none: '套件完全相同。',
    base: '基底映像檔',
  },
  packages: {
    apt: 'APT',
    conda: 'Conda',
    pip: 'Pip',
    none: '沒有列出任何套件。',
  },
  job: {
    job: '工作',
    updated: '更新時間',
    status: '狀態',
    revision: '映像檔版本',
    duration: '耗時',
    who: '發起者',
    reason: '原因',
    viewLog: '檢視日誌',
    viewLogOf: '檢視日誌：工作 #{{number}}',
    none: '沒有工作。',
  },
  state: {
    Pending: '等待中',
    Preparing: '準備中',
    Running: '執行中',
    Succeeded: '成功',
    Failed: '失敗',
    Cancelled: '已取消',
  },
};
