// Times in the person's own time zone and language.

const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** @param {wire.Millis} at */
export const minuteOf = (at) => minute.format(at);

/** @param {wire.Millis} at */
export const dayOf = (at) => day.format(at);

/** @param {wire.Millis} at */
export const wholeOf = (at) => whole.format(at);
