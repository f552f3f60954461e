/** A sentence with a stop at its end: `.` in English, `。` in Chinese. */
export function closed(text: string, stop: string): string {
  return /[.!?…。！？：]$/.test(text) ? text : `${text}${stop}`;
}
