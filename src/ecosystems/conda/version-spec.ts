/*
 * Version constraints of conda (CEP-29): literals with an operator, `,` for and, `|` for or, parentheses.
 *
 *     >=1.17,<2|==3.0   (>=1,<2)|>3   1.17.*   ~=1.4   !=2.0.1
 */

const literal = /^(?:\d{1,10}!)?[a-z0-9_]+(?:[.-][a-z0-9_]+)*(?:\+[a-z0-9_]+(?:[.-][a-z0-9_]+)*)?$/i;
const operators = /^(?:==|!=|<=|>=|~=|=|<|>)?/;

/**
 * The one spelling of a constraint that the solver is given, `undefined` for what is none. A trailing `*` means "begins with",
 * however it is written: `1.17*`, `=1.17`, `==1.17*` and `1.17.*` are one.
 */
export function normalVersionSpec(text: string): string | undefined {
  const tokens = text.replace(/\s+/g, '').match(/[(),|]|[^(),|]+/g) ?? [];
  let depth = 0;
  let wantsTerm = true;
  const written: string[] = [];
  for (const token of tokens) {
    const opensTerm = token === '(' || !/^[),|]$/.test(token);
    if (opensTerm !== wantsTerm) return undefined;
    if (token === '(') depth += 1;
    else if (token === ')') depth -= 1;
    else wantsTerm = !wantsTerm;
    if (depth < 0 || depth > 20) return undefined;
    const spelled = /^[(),|]$/.test(token) ? token : normalTerm(token);
    if (spelled === undefined) return undefined;
    written.push(spelled);
  }
  return depth === 0 && !wantsTerm ? written.join('') : undefined;
}

function normalTerm(term: string): string | undefined {
  const operator = operators.exec(term)![0];
  const rest = term.slice(operator.length);
  if (rest === '*') return operator === '' || operator === '=' || operator === '==' ? '*' : undefined;
  const beginsWith = /\.?\*$/.test(rest);
  const version = rest.replace(/\.?\*$/, '');
  if (!literal.test(version)) return undefined;
  // Else any word would be a version.
  if ((operator === '' || operator === '=' || beginsWith) && !/^\d/.test(version)) return undefined;
  if (operator === '' && !beginsWith) return `==${version}`;
  if (operator === '=' || ((operator === '' || operator === '==') && beginsWith)) return `${version}.*`;
  // conda has it that `.*` says nothing after an order, and `~=` takes none.
  if (beginsWith && operator !== '!=') return operator === '~=' ? undefined : `${operator}${version}`;
  return `${operator}${version}${beginsWith ? '.*' : ''}`;
}
