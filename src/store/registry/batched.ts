/**
 * Turns single questions into few: what is asked while an answer is awaited goes out together after it, so many callers at once cost
 * about as much as two. Every question is put to `ask` after it came in, so no answer is older than its question.
 */
export function createBatched<Question, Answer>(
  ask: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  let waiting: { readonly question: Question; readonly answer: PromiseWithResolvers<Answer> }[] = [];
  let isAsking = false;

  const work = async () => {
    isAsking = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        const answers = await ask(batch.map(({ question }) => question));
        for (const [index, { answer }] of batch.entries()) answer.resolve(answers[index]!);
      } catch (error) {
        for (const { answer } of batch) answer.reject(error);
      }
    }
    isAsking = false;
  };

  return (question) => {
    const answer = Promise.withResolvers<Answer>();
    waiting.push({ question, answer });
    if (!isAsking) void work();
    return answer.promise;
  };
}
