// Checks whether a connection is alive: a dead network does not close a socket by itself, and a page does not see the
// server's pings.

/** How long a connection may be silent, in milliseconds. */
const SILENCE_MS = 20_000;
/** How long it may be silent while a long reply is pending, in milliseconds: 256 KiB at 2 kB/s. A browser shows nothing of
 * a reply before it is complete. */
const REPLY_MS = 130_000;

/** The connection to watch.
 * @typedef {object} Line
 * @property {() => Promise<unknown>} ping asks for a sign of life
 * @property {() => boolean} isOpen
 * @property {() => number} unsent how many bytes have not left the browser
 * @property {() => number} heardAt when something was heard last
 * @property {() => boolean} isPageDue whether a long reply is on its way
 * @property {() => void} end gives the connection up
 */

/** Sends a ping, and ends the connection if there is no answer in time.
 * @param {Line} line */
export async function checkPulse(line) {
  let alive = Date.now();
  let unsent = line.unsent();
  const timer = setInterval(() => {
    if (!line.isOpen()) return clearInterval(timer);
    if (line.unsent() < unsent || line.heardAt() > alive) alive = Date.now();
    unsent = line.unsent();
    if (Date.now() - alive >= (line.isPageDue() ? REPLY_MS : SILENCE_MS)) line.end();
  }, 1000);
  await line.ping().catch(() => {});
  clearInterval(timer);
}
