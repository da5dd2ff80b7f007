// What is said of a film of the PACS is stored there, beside the film.

import { askJson } from "./api.js";

const MAP = /\/maps\/(target|sentence)s\/(\d+)\.png$/;
const at = (id) => document.getElementById(id);

/**
 * Offer to store results in the PACS.
 * `asked` gives the study that is shown, or null; `complain` is told what goes wrong.
 */
export class Storing {
  #asked;
  #complain;
  #map = null;

  constructor(asked, complain) {
    this.#asked = asked;
    this.#complain = complain;
    at("store-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#store();
    });
  }

  /** Offer it for the study that is shown, if its film is of the PACS. */
  offer(study, ofPacs) {
    at("storing").hidden = !(ofPacs && (study.findings || study.report));
    at("stored").textContent = "";
    at("store-what").textContent = study.findings
      ? "A structured report of the findings"
      : "The picture of a map";
    at("store-map").checked = false;
    this.choose(null);
  }

  /** Offer the picture of a map, `{ address, name }`, or of none. */
  choose(map) {
    this.#map = map;
    at("store-map").disabled = !map;
    at("store-map-name").textContent = map
      ? `With the map of “${map.name}” as a picture`
      : "With a map as a picture: first choose a finding or a sentence";
  }

  async #store() {
    const study = this.#asked();
    const button = at("store");
    if (!study || button.getAttribute("aria-disabled")) return;
    this.#complain("");
    at("stored").textContent = "Storing …";
    button.setAttribute("aria-disabled", "true");
    try {
      const said = await askJson("/v1/pacs/results", { json: { id: study.id, ...this.#picture() } });
      if (this.#asked() === study) at("stored").textContent = said.said;
    } catch (problem) {
      if (problem.kind === "wrong-token") this.#complain(problem);
      if (this.#asked() === study) at("stored").textContent = `Not stored. ${problem.message}`;
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  #picture() {
    const found = this.#map && at("store-map").checked && MAP.exec(this.#map.address);
    return found ? { [found[1]]: Number(found[2]) } : {};
  }
}
