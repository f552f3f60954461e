/** What the solvers of pip and conda packages say most often; the rest of what they say stays as it is. */
export const solvers: Readonly<Record<string, string>> = {
  'Because only {0} is available and you require {1}.': '只有 {0} 可用，而您要求 {1}。',
  'Because there is no version of {0} and you require {1}.': '沒有版本符合 {0}，而您要求 {1}。',
  'Because only the following versions of {0} are available: {1} and you require {2}.':
    '{0} 只有以下版本可用：{1}，而您要求 {2}。',
  'No candidates were found for {0}.': '找不到符合 {0} 的套件。',
};
