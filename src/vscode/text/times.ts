/** How moments are written. */
export interface Times {
  /** The time of day alone, always as wide. */
  time(at: number): string;
  /** The day and the time of day. */
  date(at: number): string;
}

const TIME = { hour: 'numeric', minute: 'numeric', second: 'numeric', hourCycle: 'h23' } as const;

/** Formats are made once: to make one takes longer than all else that a line of a long story does. */
export function timesIn(language: string): Times {
  const time = new Intl.DateTimeFormat(language, TIME);
  const date = new Intl.DateTimeFormat(language, { year: 'numeric', month: 'numeric', day: 'numeric', ...TIME });
  const written = (format: Intl.DateTimeFormat) => (at: number) => (Number.isNaN(new Date(at).getTime()) ? '?' : format.format(at));
  return { time: written(time), date: written(date) };
}
