/*
 * The CRC-32 of two texts joined, from the CRC-32 of each. A CRC is a polynomial over GF(2) modulo the one below, highest power in the
 * lowest bit; a text after it multiplies the first one by x^8 for each byte and adds the second.
 */

/** RFC 1952 section 8. */
const polynomial = 0xedb8_8320;
const one = 1 << 31;

/** x^(2^n) for each n. */
const squares: readonly number[] = (() => {
  const found = [one >>> 1];
  while (found.length < 64) found.push(multiply(found.at(-1)!, found.at(-1)!));
  return found;
})();

/** CRC-32 of two texts joined; `sizeBytes` is that of the second. */
export function combineCrc32(first: number, second: number, sizeBytes: number): number {
  return (multiply(first, powerOfX(8 * sizeBytes)) ^ second) >>> 0;
}

function powerOfX(exponent: number): number {
  let product = one;
  for (let bit = 0, rest = exponent; rest > 0; bit++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) product = multiply(product, squares[bit]!);
  }
  return product;
}

/** In signed 32-bit numbers and without branches: it runs a dozen times a file. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit--) {
    product ^= shifted & -((a >>> bit) & 1);
    shifted = (shifted >>> 1) ^ (polynomial & -(shifted & 1));
  }
  return product;
}
