import type { Sentence } from '../../sentence.ts';
/** Something in a wheel is not as the format asks; the message is a clause about the wheel: `its RECORD is malformed`. */
export class WheelFormatError extends Error {
  override readonly name = 'WheelFormatError';
  declare readonly message: Sentence;

  constructor(message: Sentence, options?: ErrorOptions) {
    super(message, options);
  }
}
