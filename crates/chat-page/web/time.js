// Times as people read them, in their own zone and language.

const minute = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export const minuteOf = (at) => minute.format(at);
export const dayOf = (at) => day.format(at);
export const wholeOf = (at) => whole.format(at);
