// The truth about the connection, in words.

/** A break shorter than this is not worth a word. */
const QUIET_MS = 1000;

export class Status {
  #banner = document.getElementById("banner");
  #text = document.getElementById("banner-text");
  #retry = document.getElementById("retry");
  #status = { status: "connecting" };
  #since = Date.now();
  #timer = 0;
  #waiting = () => 0;
  /** Since when a message has no answer, or null. */
  #unanswered = null;

  constructor(retry, waiting) {
    this.#retry.addEventListener("click", retry);
    this.#waiting = waiting;
  }

  set(status) {
    if ((status.status === "live") !== (this.#status.status === "live")) this.#since = Date.now();
    this.#status = status;
    this.render();
  }

  /** A message sent at that time has no answer yet; null: all have. */
  unanswered(since) {
    this.#unanswered = since;
    this.render();
  }

  render() {
    clearTimeout(this.#timer);
    const { status, reason, retryAt } = this.#status;
    const away = Date.now() - this.#since;
    if (status !== "live" && away < QUIET_MS) {
      this.#timer = setTimeout(() => this.render(), QUIET_MS - away);
      return;
    }
    const waiting = this.#waiting();
    const kept = waiting ? ` ${waiting === 1 ? "1 message is" : `${waiting} messages are`} waiting.` : "";
    const isSilent = status === "live" && this.#unanswered !== null;
    this.#banner.classList.toggle("shown", status !== "live" || isSilent);
    this.#retry.hidden = status !== "offline";
    if (isSilent) {
      this.#text.textContent = `The server has given no answer for ${Math.round((Date.now() - this.#unanswered) / 1000)} s. The line is slow or broken; what you wrote is kept and sent again if need be.`;
      this.#timer = setTimeout(() => this.render(), 1000);
    } else if (status === "live") {
      this.#text.textContent = "";
    } else if (status === "connecting") {
      this.#text.textContent = `Connecting…${kept}`;
    } else {
      const seconds = retryAt ? Math.max(1, Math.ceil((retryAt - Date.now()) / 1000)) : null;
      const again = seconds ? ` Retrying in ${seconds} s.` : "";
      this.#text.textContent = `Offline. ${reason ? `${reason} ` : ""}${again}${kept}`.replaceAll("  ", " ");
      if (seconds) this.#timer = setTimeout(() => this.render(), 1000);
    }
  }
}
