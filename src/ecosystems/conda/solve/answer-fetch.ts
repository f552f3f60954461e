/*
 * The solver asks for repodata with `fetch`, of which it uses little. Node's own classes for that, which can do everything, take longer to load
 * than the solver takes for its work.
 */

class AskedRequest {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }
}

class NoHeaders extends Map<string, string> {
  append(): void {}
}

class TextResponse {
  readonly url: string;
  readonly status: number;
  readonly headers = new NoHeaders();
  readonly body: ReadableStream<Uint8Array>;

  constructor(url: string, text: string | undefined) {
    this.url = url;
    this.status = text === undefined ? 404 : 200;
    this.body = new ReadableStream({
      start(controller) {
        if (text) controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    });
  }
}

/** From now on, whatever asks with `fetch` in this thread is answered with these texts, by URL, and nothing else. */
export function answerFetch(texts: ReadonlyMap<string, string>): void {
  Object.assign(globalThis, {
    Headers: NoHeaders,
    Request: AskedRequest,
    Response: TextResponse,
    fetch: async ({ url }: AskedRequest) => new TextResponse(url, texts.get(url)),
  });
}
