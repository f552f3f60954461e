import { useQuery } from '@tanstack/react-query';
import { inspectBase, listBaseImages } from '../../api/base-images.ts';
import type { CallOf } from '../../api/create-client.ts';
import type { AnswerOf } from '../../api/endpoint.ts';
import { parseReference } from '../../oci/reference.ts';
import { answer } from './ask.ts';
import { useSettled } from './use-settled.ts';

export type BaseChoice = AnswerOf<typeof listBaseImages>['items'][number];
export type BaseContents = AnswerOf<typeof inspectBase>;
export type BaseQuestion = CallOf<typeof inspectBase>['body'];

/** What can be built upon and has this in its name: registered bases, then images that are ready. */
export function useBaseChoices(q: string) {
  const settled = useSettled(q.slice(0, 200), 250);
  return useQuery({ ...answer(listBaseImages, { query: { q: settled, pageSize: 50 } }), staleTime: 30_000 });
}

/** What a base holds, asked for once its name has stood for a while and can be one. */
export function useBaseContents(question: BaseQuestion) {
  const asked = useSettled(question, 700);
  return useQuery({
    ...answer(inspectBase, { body: asked }),
    enabled: isReference(asked.reference),
    retry: false,
    staleTime: 5 * 60_000,
  });
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}
