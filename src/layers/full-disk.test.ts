import { describe, expect, it } from 'vitest';
import { refuseFullDisk } from './full-disk.ts';

describe('refuseFullDisk', () => {
  it.each(['ENOSPC', 'EDQUOT'])('tells %s as what a user can mend', (code) => {
    expect(() => refuseFullDisk(Object.assign(new Error('write'), { code }))).toThrow(
      expect.objectContaining({ code: 'disk-full', hint: expect.stringContaining('Free space') }),
    );
  });

  it('leaves other errors as they are', () => {
    const error = Object.assign(new Error('write'), { code: 'EIO' });
    expect(() => refuseFullDisk(error)).toThrow(error);
  });
});
