/** A node of a syntax tree (ESTree). */
export interface SyntaxNode {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** All nodes of a tree, each before what is in it. */
export function* nodesOf(value: unknown): Generator<SyntaxNode> {
  if (Array.isArray(value)) {
    for (const each of value) yield* nodesOf(each);
  } else if (typeof value === 'object' && value !== null) {
    if ('type' in value) yield value as SyntaxNode;
    for (const each of Object.values(value)) yield* nodesOf(each);
  }
}
