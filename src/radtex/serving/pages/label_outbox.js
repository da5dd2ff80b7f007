// Answers on their way to the server: in order, each under an id of its own, until they are saved.

import { askJson } from "./api.js";

const AGAIN_SECONDS = 3;

/** What waits to be saved. An answer leaves only when the server says that it is on the disk. */
export class Outbox {
  /** `changed` is called whenever what there is to show may be another. */
  constructor(changed) {
    this.changed = changed;
    this.waiting = [];
    this.problem = null;
    this.sending = false;
    this.timer = 0;
    this.emptied = [];
    addEventListener("beforeunload", (event) => {
      if (this.waiting.length) event.preventDefault();
    });
  }

  /** Save an answer; sent again under the same id, it counts once. */
  add(answer) {
    this.waiting.push({ id: newId(), ...answer });
    if (this.problem === null) this.send();
    else this.changed();
  }

  /** Resolves to true once all is saved, to false once something is not. */
  settled() {
    if (!this.sending) return Promise.resolve(this.waiting.length === 0);
    return new Promise((resolve) => this.emptied.push(resolve));
  }

  /** Send what waits; after a failure, again. */
  async send() {
    if (this.sending) return;
    clearTimeout(this.timer);
    this.sending = true;
    this.changed();
    try {
      while (this.waiting.length) {
        await askJson("/v1/labels", { json: this.waiting[0] });
        this.waiting.shift();
      }
      this.problem = null;
    } catch (problem) {
      this.problem = problem;
      if (!this.isRefused) {
        const seconds = Math.max(problem.seconds ?? 0, AGAIN_SECONDS);
        this.timer = setTimeout(() => this.send(), 1000 * seconds);
      }
    }
    this.sending = false;
    for (const resolve of this.emptied.splice(0)) resolve(this.waiting.length === 0);
    this.changed();
  }

  /** Whether the server refuses the first answer, however often it is sent. */
  get isRefused() {
    return [403, 404, 409, 413, 422].includes(this.problem?.status);
  }

  /** Give up the answer that is refused. */
  discard() {
    this.waiting.shift();
    this.problem = null;
    this.send();
  }
}

function newId() {
  // crypto.randomUUID is there on https and localhost alone.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
