// Maps over a film: the one that is focused stays until another is; the one that is pointed at goes.

import { bitmapOf } from "./api.js";
import { strongestPlace } from "./film.js";

const HOVER_MILLISECONDS = 120;

/** The maps that may be laid over a film; each is fetched when it is first wanted. */
export class FilmMaps {
  #view;
  #said;
  #complain;
  #bitmaps = new Map();
  #focused = null;
  #wanted = null;
  #hovering = 0;

  /** Lay maps over the film of `view`, say in `said` where they are strongest. */
  constructor(view, said, complain) {
    this.#view = view;
    this.#said = said;
    this.#complain = complain;
  }

  /** Show the map at an address while `place`, or the button in it, is focused or pointed at. */
  offer(place, address, name) {
    if (!address) return;
    const map = { address, name, place };
    const button = place.querySelector("button") ?? place;
    button.addEventListener("focus", () => {
      this.#focused = map;
      this.#show(map);
    });
    place.addEventListener("mouseenter", () => this.#soon(() => map));
    place.addEventListener("mouseleave", () => this.#soon(() => this.#focused));
  }

  /** Forget all maps: there is another film. */
  drop() {
    this.#bitmaps = new Map();
    this.#focused = null;
    clearTimeout(this.#hovering);
    this.#show(null);
  }

  #soon(which) {
    clearTimeout(this.#hovering);
    this.#hovering = setTimeout(() => this.#show(which()), HOVER_MILLISECONDS);
  }

  async #show(map) {
    if (this.#wanted === map) return;
    this.#wanted?.place.querySelector("button")?.removeAttribute("aria-current");
    this.#wanted = map;
    if (!map) {
      this.#view.overlay(null);
      this.#said.textContent = "";
      return;
    }
    map.place.querySelector("button")?.setAttribute("aria-current", "true");
    const known = this.#bitmaps;
    try {
      if (!known.has(map.address)) known.set(map.address, bitmapOf(map.address));
      const bitmap = await known.get(map.address);
      if (this.#wanted !== map) return;
      const strongest = strongestPlace(bitmap);
      this.#view.overlay(bitmap);
      this.#said.textContent = strongest
        ? `Map of “${map.name}”: strongest ${strongest}.`
        : `Nothing in the film speaks for “${map.name}”.`;
    } catch (problem) {
      known.delete(map.address);
      if (this.#wanted !== map) return;
      this.#wanted = null;
      this.#complain(problem);
    }
  }
}
